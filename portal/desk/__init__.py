"""The review desk: the queue of the operations center, one submission before and after on the TV, the decision and the publication.

Not here: what a decision does (review), what a publication does (releases). Pages only, so every room below may be asked.
"""
