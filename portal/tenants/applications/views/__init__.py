"""Pages of applications: writing them, and what the center makes of them."""
