"""Pages about what an enterprise has: the list of all, one enterprise, its package, orders and grants."""
