"""Customers, enterprises (one enterprise ID = one tenant), provinces and the tree of box groups with their channels.

Not here: what a tenant pays for (orders), its people (accounts), its boxes (boxes).
"""
