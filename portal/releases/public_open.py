"""Opening files below the public folder so that nothing outside it can be reached."""

import errno
import os
import stat
from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NOT_A_FILE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO})
"""Nothing there, a file where a folder should be, a symbolic link, a socket."""


def open_regular(root: Path, path: str) -> int:
    """This function will open a regular file for reading and return its descriptor.

    No part of the path below `root` may be a symbolic link; neither may the file be a folder, a pipe or a device. Raises
    FileNotFoundError for these, other kinds of OSError as they come.
    """
    *folders, name = path.split("/")
    folder = os.open(root, _FOLDER)
    try:
        for part in folders:
            above, folder = folder, os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
            os.close(above)
        descriptor = os.open(name, _FILE, dir_fd=folder)
    except OSError as error:
        raise _absent(error) from error
    finally:
        os.close(folder)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise FileNotFoundError(path)


def _absent(error: OSError) -> OSError:
    return FileNotFoundError(error.errno, error.strerror) if error.errno in _NOT_A_FILE else error
