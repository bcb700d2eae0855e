"""Submissions: what an enterprise hands in together, and what the center decides about it, object by object.

Not here: putting approved content on air (releases) and the review desk's pages, which do both (desk).
"""
