"""Work in a process of its own: what it imports and leaves in memory, nobody carries on."""

import os
import signal
import sys
from collections.abc import Callable

from portal.cli.supervisor import end_with_parent

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def apart(work: Callable[[], None]) -> None:
    """This function will do `work` in a child and wait for it; where it fails, the child has said why, and this process ends as it did.

    Called before there are threads. SIGTERM is handed on; Ctrl-C reaches the child by itself.
    """
    sys.stdout.flush()
    parent, child = os.getpid(), os.fork()
    if child == 0:
        end_with_parent(parent)
        work()
        sys.stdout.flush()
        os._exit(0)
    before = [signal.getsignal(number) for number in _SIGNALS]
    signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    for number, handler in zip(_SIGNALS, before, strict=True):
        signal.signal(number, handler)
    if code != 0:
        sys.exit(code if code > 0 else 128 - code)
