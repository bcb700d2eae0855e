"""The tests; see docs/architecture.md for who is who."""
