"""Replacing one file by another wherever it is shown, in one act; the drafts it makes go the way of all drafts."""
