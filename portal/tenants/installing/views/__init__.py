"""Pages of hand-overs and installation jobs: of one tenant, of one job, of all tenants."""
