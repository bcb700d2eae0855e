"""Checking the log: its records, their order, the tree, the checkpoints, the stamps. It reads and never writes.

Not here: what a stamp or a leaf is (`leaf.py`), the hashing (`tree.py`). The command line and the pages call it.
"""
