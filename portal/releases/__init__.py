"""What boxes get: manifests, their compilation into zone documents, publishing, history, going back.

`document.py` and what it calls are pure: no database, no clock, no group or number in the result. Not here: who approves (review), who
fetches (boxes).
"""
