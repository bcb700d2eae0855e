"""Heaps of a process with many threads."""

import subprocess
import sys

import pytest

THREADS = """
import ctypes, sys, threading
if sys.argv[1] == "few":
    from portal.cli.memory import keep_few_heaps
    keep_few_heaps()
library, together = ctypes.CDLL(None), threading.Barrier(8)
library.malloc.restype = ctypes.c_void_p
def take():
    together.wait()
    library.malloc(ctypes.c_size_t(2000))
    together.wait()
threads = [threading.Thread(target=take) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
standard = ctypes.c_void_p.in_dll(library, "stdout")
library.malloc_info(0, standard)
library.fflush(standard)
"""


def heaps(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", THREADS, how], capture_output=True, text=True, check=True)
    return done.stdout.count("<heap nr=")


@pytest.mark.skipif(sys.platform != "linux", reason="of glibc")
def test_threads_share_two_heaps() -> None:
    assert (heaps("few"), heaps("many") > 2) == (2, True)
