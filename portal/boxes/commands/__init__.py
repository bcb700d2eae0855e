"""Writes: what calls of boxes change, and what people do with boxes."""
