"""Pure rules: what follows from a tenant's rows at a moment. Nothing here knows a database or a clock."""
