"""What every room stands on: database, tenancy, unit of work, clock, ids, messages, errors.

Not here: anything of the business. This room imports no other room and no Flask. Everybody may call it.
"""
