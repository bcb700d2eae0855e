"""专属推荐位, ten positions on the first desktop page."""
