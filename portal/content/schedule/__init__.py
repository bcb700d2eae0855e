"""When content is on, and what plays at a moment: pure functions over windows, priorities and playlists.

Boxes decide the same in their own code; `vectors/schedule-1.json` is the file both sides are tested with. No database, no clock: the
moment is always handed in.
"""
