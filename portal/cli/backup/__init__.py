"""`portal backup` and `portal restore`: one sealed archive of database, media and published files.

The archive holds everything but the secret that opens it: whoever keeps the two apart loses nothing with either of them. Not
here: the file of keys itself (docs/operations.md says how that is kept).
"""
