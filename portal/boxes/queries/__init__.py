"""Reads: of one box by what it proves, of the fleet, of what it reported."""
