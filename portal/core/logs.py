"""What the portal tells those who run it: a line of JSON for each event on standard error; words, where somebody sits at a terminal.

No line holds a secret, a whole phone number or a line break from outside, whoever wrote it: a library's error may quote a row or an
address with its password. Tracebacks name files and lines and never the values of variables.
"""

import logging
import re
import sys
from collections.abc import Sequence
from typing import Any, Final, TextIO

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger

_PHONE: Final = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")
_PASSWORD: Final = re.compile(r"(://[^/\s:@]*:)[^@\s/]+@")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_FRAMES: Final = 30
_TRACEBACK: Final = "exception"


def configure() -> None:
    """This function will send what the portal and its libraries have to say to standard error, from now on and in every process forked."""
    to_terminal = sys.stderr.isatty()
    structlog.configure(
        processors=[*_before(), *_after(to_terminal=to_terminal)],
        logger_factory=_to_standard_error,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(to_terminal=to_terminal))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.captureWarnings(True)


def get_logger(name: str | None = None) -> Any:
    """This function will return what a module says its events with; nothing but this module knows whose logger it is."""
    return structlog.get_logger(name) if name else structlog.get_logger()


def formatter(*, to_terminal: bool) -> logging.Formatter:
    """This function will return what makes a line of ours of a record of the standard library."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_before(),
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_after(to_terminal=to_terminal)],
    )


def _to_standard_error(*_arguments: object) -> structlog.PrintLogger:
    """Standard output is for what a command answers."""
    stream: TextIO = sys.stderr
    return structlog.PrintLogger(stream)


def _before() -> Sequence[Processor]:
    return (structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso", utc=True))


def _after(*, to_terminal: bool) -> Sequence[Processor]:
    if to_terminal:
        plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        return (structlog.processors.format_exc_info, _guard, plain)
    # Lists of frames, not text: whoever collects the lines need not take it apart again.
    as_lists = structlog.processors.ExceptionRenderer(
        ExceptionDictTransformer(show_locals=False, max_frames=_FRAMES, use_rich=False)
    )
    return (as_lists, _guard, structlog.processors.JSONRenderer(ensure_ascii=False, default=str))


def _guard(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """The traceback at a terminal alone keeps its lines."""
    return {name: _guarded(value, lines=name == _TRACEBACK) for name, value in event.items()}


def _guarded(value: Any, *, lines: bool = False) -> Any:
    if isinstance(value, str):
        known = _PASSWORD.sub(r"\1***@", _PHONE.sub(r"\1****\2", value))
        return known if lines else _CONTROL.sub(" ", known)
    if isinstance(value, dict):
        return {name: _guarded(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_guarded(each) for each in value]
    return value if isinstance(value, bool | int | float | None) else _guarded(str(value))
