"""定制logo, one image at the top left of the desktop."""
