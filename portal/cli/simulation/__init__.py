"""Boxes that there are not: one that keeps the contract on its side of the line, and a fleet of them (`portal simulate`)."""
