"""The keys that seal fields at rest: opening them at a start, rotating, sealing anew, retiring.

Not here: sealing itself and the file of keys (`core.crypto`, `core.secret_file`), and the keys that sign what boxes read
(`releases.signing`). Called by the command line, by every start and by the job worker.
"""
