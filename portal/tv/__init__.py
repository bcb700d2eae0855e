"""The television in a browser: the page that carries the player, its policy, and the worker that lets it start without a network.

Not here: what it shows. The player (`static/tv/`) knows nothing but `/pub/`; the preview room gives the same player drafts.
"""
