"""Page codes (页面校验码): drawn or spoken by the server, bound to a browser's session and to one action, good for one try.

It is friction and no factor: every limit holds when all of them are solved.
"""
