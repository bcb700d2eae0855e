"""The writes of this room. Each locks its tenant first, so that of two people at once the second one sees what the first did."""
