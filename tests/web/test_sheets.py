"""Lists without pages as Excel: what their page shows and no more, for who may see it, recorded."""
