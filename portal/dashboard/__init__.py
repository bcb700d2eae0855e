"""The first page after sign-in: what waits for this person, and what stands on the screens. Pages only; every room may be asked."""
