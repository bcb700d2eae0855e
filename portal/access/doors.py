"""Standing at the door of a module: what is lacking there, and the error that keeps the door shut."""

from dataclasses import dataclass

from portal.access.modules import Module
from portal.core.context import Actor
from portal.core.errors import PortalError
from portal.core.messages import N_, Message


@dataclass(frozen=True)
class Lack:
    """What somebody lacks at a module's door: a page code, or a fresh proof of at least `level` (None: not)."""

    module: Module
    captcha: bool
    level: int | None = None


@dataclass(frozen=True)
class AtDoor:
    """Somebody at a module's door: what is lacking there, and the person with the strongest proof given so far."""

    lack: Lack | None
    actor: Actor


class StepUpRequired(PortalError):
    """The door stays shut until something more is proven; `problem` says what was wrong with what was given."""

    status = 403

    def __init__(self, lack: Lack, problem: Message | None = None, status: int = 403) -> None:
        message = problem or N_("进入这个模块前，要再确认一次您的身份。")
        super().__init__(message, code="step_up_required" if lack.level else "captcha_required")
        self.lack = lack
        self.problem = problem
        self.status = status
