"""The command line, `portal ...`: each command parses, calls what the rooms offer, and prints; it holds no rule of its own.

Nobody imports it. Commands import the application when they run, so that `portal --help` answers at once.
"""
