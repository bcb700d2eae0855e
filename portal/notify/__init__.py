"""Messages inside the portal: who is told what, exactly once per transition.

Not here: why somebody is told (the room where the transition happens). Commands of every room call `tell`.
"""
