"""One process that keeps others: starts them, starts again what may die, and ends all of them together.

The children are forked, so that they share what was imported before. Each leads a process group of its own: Ctrl-C in a
terminal reaches the supervisor alone, which asks its children to finish their work, and what a child started is ended with it.
Should the supervisor be killed, the kernel (Linux) tells its children to stop.
"""

import ctypes
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import cast

import click

_FORK = multiprocessing.get_context("fork")
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Child:
    """One process to keep; if it ends and is not `vital`, it is started again, otherwise everything ends."""

    name: str
    run: Callable[[], None]
    vital: bool


@dataclass(frozen=True)
class Patience:
    """How long to wait, in seconds: between restarts, before a child counts as healthy, and for children to finish."""

    first_delay: float = 0.5
    longest_delay: float = 30.0
    healthy_after: float = 60.0
    grace: float = 15.0


class Supervisor:
    """The children of one `portal serve`, from the first start to the last end."""

    def __init__(self, children: Sequence[Child], patience: Patience | None = None) -> None:
        self._children = children
        self._patience = patience or Patience()
        self._running: dict[str, BaseProcess] = {}
        self._started: dict[str, float] = {}
        self._due: dict[str, float] = {}
        self._delay: dict[str, float] = {}
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)

    def run(self, ready: int | None = None, when_ready: Callable[[], None] | None = None) -> int:
        """This function will keep the children until a signal asks to stop or a vital one ends, and return the exit code.

        `when_ready` is called once, as soon as the file descriptor `ready` can be read.
        """
        for number in _STOP_SIGNALS:
            if not (number == signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN):  # started by nohup
                signal.signal(number, lambda *_: os.write(self._wake_write, b"!"))
        for child in self._children:
            self._start(child)
        try:
            while True:
                awake = self._wait(ready)
                if self._wake_read in awake:
                    return 0
                if ready in awake and when_ready is not None:
                    ready = None
                    when_ready()
                if not self._look_after_children():
                    return 1
        finally:
            self._stop()

    def _wait(self, ready: int | None) -> list[object]:
        sentinels = [process.sentinel for process in self._running.values()]
        waking = [self._wake_read, *sentinels, *([] if ready is None else [ready])]
        timeout = max(0.0, min(self._due.values()) - time.monotonic()) if self._due else None
        return list(wait(waking, timeout))

    def _look_after_children(self) -> bool:
        for child in self._children:
            process = self._running.get(child.name)
            if process is not None and not process.is_alive():
                click.echo(f"The {child.name} ended ({_cause(process)}).", err=True)
                if child.vital:
                    return False
                self._plan_restart(child)
            if self._due.get(child.name, float("inf")) <= time.monotonic():
                del self._due[child.name]
                self._start(child)
        return True

    def _plan_restart(self, child: Child) -> None:
        patience = self._patience
        _end_group(self._running.pop(child.name))
        now = time.monotonic()
        was_healthy = now - self._started[child.name] >= patience.healthy_after
        delay = patience.first_delay if was_healthy else self._delay[child.name]
        self._due[child.name] = now + delay
        self._delay[child.name] = min(delay * 2, patience.longest_delay)
        click.echo(f"It starts again in {delay:g} s.", err=True)

    def _start(self, child: Child) -> None:
        sys.stdout.flush()
        process = _FORK.Process(target=self._become, args=(child, os.getpid()), name=child.name)
        # Until the child has its own handlers, a signal to it must wait: ours would wake the supervisor.
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP_SIGNALS)
        self._running[child.name] = process
        self._started[child.name] = time.monotonic()
        self._delay.setdefault(child.name, self._patience.first_delay)

    def _become(self, child: Child, parent: int) -> None:
        os.setpgid(0, 0)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP_SIGNALS)
        os.close(self._wake_read)
        os.close(self._wake_write)
        end_with_parent(parent)
        child.run()

    def _stop(self) -> None:
        """Ask every child to finish, wait as long as grace lasts or until somebody asks again, then end what is left."""
        for process in self._running.values():
            process.terminate()
        deadline = time.monotonic() + self._patience.grace
        _drain(self._wake_read)
        left = {process.sentinel for process in self._running.values()}
        while left:
            awake = wait([self._wake_read, *left], max(0.0, deadline - time.monotonic()))
            left.difference_update(awake)
            if not awake or self._wake_read in awake:
                break
        for process in self._running.values():
            _end_group(process)


def _drain(descriptor: int) -> None:
    with suppress(BlockingIOError):
        os.read(descriptor, 1024)


def _end_group(process: BaseProcess) -> None:
    """End the process and all that it started; a child that was killed before it had a group of its own is ended alone."""
    try:
        os.killpg(cast(int, process.pid), signal.SIGKILL)
    except ProcessLookupError:
        process.kill()
    process.join()


def _cause(process: BaseProcess) -> str:
    code = process.exitcode or 0
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def end_with_parent(parent: int) -> None:
    """This function will have the kernel (Linux) end this process with SIGTERM when its parent ends, or end it now if that is gone."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it was gone before the line above
            sys.exit(1)
