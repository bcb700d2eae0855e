"""One call of a box, one transaction: its proof is spent in it, and a refusal is committed like any other answer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from portal.boxes.commands.limiting import spend
from portal.boxes.errors import Raced
from portal.boxes.proving import Proof
from portal.core.context import BOX, Context, RequestMeta, TenantRef
from portal.core.database import Ground, PortalSession, database
from portal.core.errors import Unavailable
from portal.core.messages import N_
from portal.core.tenancy import PlatformScope, TenantScope

Result = TypeVar("Result")

_TRIES: Final = 4


@dataclass(frozen=True)
class Caller:
    """Who calls, as far as the call itself proves it: the key, the token that came with it, and where it came from."""

    proof: Proof
    token: str | None = None
    meta: RequestMeta = field(default_factory=RequestMeta)


def in_call(caller: Caller, tenant: TenantRef | None, act: Callable[[Context], Result]) -> Result:
    """This function will run `act` in the one transaction of a call, in the tenant's scope or outside of all, and commit.

    Where two calls met (the same key, the same serial, the last licence), it begins anew and finds what the other one did.
    Raises what `act` raises, `Unproven` for a proof that was used before.
    """
    scope = PlatformScope() if tenant is None else TenantScope(tenant.id)

    def call(session: PortalSession) -> Result:
        spend(session, caller.proof)
        return act(Context(session, BOX, tenant, caller.meta))

    return _tried(lambda: database().run(scope, call))


def in_short_call(caller: Caller, tenant: TenantRef, act: Callable[[Ground], Result]) -> Result:
    """This function will do what `in_call` does for an `act` that runs prepared statements alone, as most calls do."""

    def call(ground: Ground) -> Result:
        spend(ground, caller.proof)
        return act(ground)

    return _tried(lambda: database().run_prepared(TenantScope(tenant.id), call))


def _tried(run: Callable[[], Result]) -> Result:
    for _ in range(_TRIES):
        try:
            return run()
        except (Raced, IntegrityError, OperationalError, StaleDataError) as met:
            failure = met
    raise Unavailable(N_("系统正忙，请稍后再试。")) from failure
