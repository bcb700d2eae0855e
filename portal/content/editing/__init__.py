"""What every editor page shares: the form of the envelope, saving with conflicts shown, the draft bar.

Not here: any kind of content. The sub-rooms of the kinds use it; a page is an `Editor` and its templates.
"""
