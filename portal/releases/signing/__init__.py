"""Signed delivery: the keys that sign what boxes read, the signatures themselves, and checking them.

The root key signs the list of release keys and is kept off the web server: only its public part is known here. Release keys sign
pointers; their private parts are sealed in the database. Not here: sealing of fields (`portal.keys`).
"""
