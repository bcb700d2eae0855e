"""Numbered places at which a test stops the process or fills the disk, to see that no half state is left behind.

A point does nothing unless the process runs with `PORTAL_FAULT_POINT` set to its name. `<name>` kills the process there with
SIGKILL, as a power cut would; `<name>:enospc` fails there with the error of a full disk.
"""

import errno
import os
import signal

VARIABLE = "PORTAL_FAULT_POINT"
DISK_FULL = ":enospc"

_points: dict[str, None] = {}


def declare(name: str) -> str:
    """This function will register the fault point `name`, at import, and return it; twice the same name is a `ValueError`."""
    if name in _points:
        raise ValueError(f"the fault point {name} is declared twice")
    _points[name] = None
    return name


def declared() -> tuple[str, ...]:
    """This function will return the names of all fault points, in the order in which they were declared."""
    return tuple(_points)


def fault_point(name: str) -> None:
    """This function will pass, kill the process, or raise `OSError` (ENOSPC), as `PORTAL_FAULT_POINT` says.

    Raises `ValueError` for a name that was not declared: a campaign over all points would never try it.
    """
    if name not in _points:
        raise ValueError(f"the fault point {name} is not declared")
    wanted = os.environ.get(VARIABLE)
    if wanted == name:
        os.kill(os.getpid(), signal.SIGKILL)
    if wanted == name + DISK_FULL:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), name)
