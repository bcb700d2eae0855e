"""Statistics over what other rooms keep, on pages and as Excel: which installers bound how many boxes, what was played how often.

Not here: what is counted (the rooms below), and the log's own export (audit).
"""
