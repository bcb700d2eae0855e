"""What the first pages ask: of one tenant, and of all of them for each role of the staff."""
