"""The log carried out of the house: JSON lines that a stranger can check, and a workbook that people can read.

What is exported, and that it was, is decided and recorded by `audit/commands.py`; here it is only read and written down.
"""
