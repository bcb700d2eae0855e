"""Finding anything that somebody may see, by name, pinyin or number: the dialog that `/` opens, and the page behind it.

Not here: the searches of single lists, which filter what they show. What is found is asked of the rooms that own it; nothing imports this.
"""
