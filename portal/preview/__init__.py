"""The TV before anything is published: drafts, or any manifest, at any moment and for any box group, as a zone document.

Not here: how content is edited (content) or put on air (releases). It draws exactly what the compiler makes.
"""
