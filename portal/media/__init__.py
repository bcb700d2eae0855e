"""Pictures and videos: taken in, checked by their content, made fit for TVs, kept, counted, thrown away.

Not here: what shows them (content), how they reach boxes (releases). Rooms above call `commands` and `queries`, and
register with `usage` what they use.
"""
