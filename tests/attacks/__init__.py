"""Attacks over HTTP, each refused, recorded and harmless, and each with a fault planted that lets it through.

`docs/security.md` names them promise by promise; what a room's own tests attack stands there too.
"""
