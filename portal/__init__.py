"""The enterprise zone portal."""
