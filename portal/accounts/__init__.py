"""People: users, their memberships in tenants, sessions, sign-in and factors.

Not here: what a role may do (access). Later rooms know people only by `Actor`; the pipeline loads it from here.
"""
