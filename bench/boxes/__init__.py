"""Fleets of boxes for the benchmarks: a database file that holds one, and boxes that call a server."""
