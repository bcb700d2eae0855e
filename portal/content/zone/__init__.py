"""专栏/专区, columns on two levels and their items."""
