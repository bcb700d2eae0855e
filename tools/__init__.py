"""Scripts that the Makefile calls; nothing in the application imports them."""
