"""The calls below `/box/v1/`: parse, one command, answer. Problems are JSON (RFC 9457) and never a page."""
