"""The request pipeline: session, actor, tenant, access, feature, handler, one commit; and what every page shares.

Not here: any page of a room. It knows no room above `access`; what it needs of them arrives as `Hooks` from the factory.
"""
