"""Writes to what is on air: publishing, rolling back, taking down for cause."""
