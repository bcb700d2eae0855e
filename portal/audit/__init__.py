"""The log of every state change and every denial: events, the append, reading it, its pages.

Not here: what may happen (access) or happened to content (review, releases). Everybody records; only auditors read all.
"""
