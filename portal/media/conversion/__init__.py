"""Videos that boxes cannot play, on their way to ones that they can: received, waiting, worked on, ready or not.

Not here: how a video is read and made (`media.sources`, `media.video`). A conversion is no asset until it is ready.
"""
