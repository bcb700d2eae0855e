"""What stands on the TV: the kinds of content, the rules of each, and their pages in the sub-rooms.

`kinds.py` lists the kinds; `envelope.py` is what every kind has; `problems.py` judges a whole set. Not here: who reviews it (review),
how it reaches boxes (releases).
"""
