"""How much memory a process keeps that it does not use."""

import ctypes
from typing import Final

_M_ARENA_MAX: Final = -8
"""The number of the setting in glibc's malloc.h."""
_HEAPS: Final = 2


def keep_few_heaps() -> None:
    """This function will let the threads of this process, and of those forked from it, share two heaps where glibc gives memory.

    It would give each of a worker's threads one of its own, and what one has freed no other takes: nine megabytes after some hundred
    pages. One thread at a time runs Python, so that none waits for a heap.
    """
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(_M_ARENA_MAX, _HEAPS)
