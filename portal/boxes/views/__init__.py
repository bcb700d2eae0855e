"""Pages about boxes: of one tenant (`tenant`, `box`, `acts`, `waiting`), and of all (`fleet`)."""
