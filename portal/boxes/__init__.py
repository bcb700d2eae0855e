"""The boxes (机顶盒): how one is bound and proves itself, what it reports, what it is told, and the pages about them.

Not here: what a box shows (releases), the tree of groups and the installation jobs (tenants), what the licences cost (orders). The
calls below `/box/v1/` are a contract (`docs/boxes.md`) that people burn into firmware: a later version adds, never changes.
"""
