"""Writes at the doors, a file for each subject."""
