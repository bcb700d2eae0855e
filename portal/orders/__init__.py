"""What a tenant bought: subscriptions, their changes and suspensions, grants, the charge of the first month.

What is in force is never stored: `rules` derives it from the rows and a moment, and `queries.entitlement` is the one answer
that every other room asks. What is for sale and at what price is in `catalog`; sending reminders is in `notify`; systems that
hand in orders call `commands` as people do.
"""
