"""Rows by the ten thousand, written past all commands: what the lists of the page benchmarks show."""
