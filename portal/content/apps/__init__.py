"""企业APP, packages that boxes of the tenant install; so far only the form of what is published."""
