"""Pages of customers, of a new enterprise and of box groups. The list of enterprises shows packages and is in `orders`."""
