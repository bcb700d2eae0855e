"""Android apps read by ourselves, in bounds: the archive, its manifest, its name and icon, its signature (schemes v2 and v3).

Nothing in here trusts what a file says of itself: every length is checked against what is there, every loop against a number.
`reading` is what others call.
"""
