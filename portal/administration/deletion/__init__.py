"""Deleting an enterprise: asked by the operations center, confirmed by the system administrator, done after a week by the job worker.

Its people, rows, files, pointers and its key go; its records stay in the log, whole and unreadable. A ledger outside of the
database names it, so that a restored backup loses it again. `belonging.py` finds from the models what is a tenant's.
"""
