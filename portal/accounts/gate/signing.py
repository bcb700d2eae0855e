"""The signature that a form brings for a decision of level 3: judged before the handler runs, bound to its decision at the commit."""

from collections.abc import Mapping
from functools import partial

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.accounts import ceremony, certificate_files, passkeys, queries, signatures
from portal.accounts.attempts import TooManyTries
from portal.accounts.certificate_proofs import ProvenCertificate, prove_certificate, refusal
from portal.accounts.challenges import ChallengeRefused
from portal.accounts.commands.factors import ProvenFactor, use_factor
from portal.accounts.passkey_proofs import prove_passkey
from portal.accounts.passkeys import PasskeyRefused
from portal.accounts.proofs import SignInFailed
from portal.accounts.signatures import CERTIFICATE, PASSKEY, TicketRefused
from portal.audit.deeds import Deed, Ticket
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core.context import Actor, Context, RequestMeta
from portal.core.database import commit, platform_session
from portal.core.ids import UserId
from portal.core.messages import N_, Message
from portal.web.client import client_certificate
from portal.web.gate import TICKET

CREDENTIAL_FIELD, CERTIFICATE_FIELD = "signature_credential", "signature_certificate"
FIELDS = (TICKET, CREDENTIAL_FIELD, CERTIFICATE_FIELD)
_LATE = N_("签名页打开得太久了，请再签一次。")


def deed_of(actor: Actor, fields: Mapping[str, str], request: RequestMeta) -> Deed | Message:
    """This function will return the signature that a form brings, or the sentence that says what is wrong with it.

    A wrong one is passed over: the decision is then asked about again.
    """
    try:
        ticket, digest = signatures.open_ticket(actor, fields.get(TICKET, ""))
        if fields.get(CERTIFICATE_FIELD):
            return _by_certificate(actor, ticket, digest, request)
        return _by_passkey(actor, fields.get(CREDENTIAL_FIELD, ""), ticket, digest, request)
    except TicketRefused:
        return _LATE
    except ChallengeRefused:
        return _LATE
    except (SignInFailed, TooManyTries) as refused:
        return refused.message


def _by_passkey(actor: Actor, raw: str, ticket: Ticket, digest: bytes, request: RequestMeta) -> Deed:
    site, own_id = ceremony.site(), UserId(str(actor.user_id))
    spend = partial(signatures.spend, ticket, digest)
    proven = prove_passkey(site, raw, ceremony.bound_to(), request, user_id=own_id, spend=spend)
    _use(actor, proven, request)
    try:
        answer = passkeys.read_proof(raw)
    except PasskeyRefused:
        raise SignInFailed from None
    with platform_session() as session:
        found = queries.find_passkey(session, answer.credential_id)
    if found is None:
        raise SignInFailed
    return signatures.by_passkey(site, answer, found[0].public_key, ticket)


def _by_certificate(actor: Actor, ticket: Ticket, digest: bytes, request: RequestMeta) -> Deed:
    der = client_certificate()
    with platform_session() as session:
        authority = certificate_files.find_authority(session)
    if der is None or authority is None:
        raise refusal()
    proven = prove_certificate(UserId(str(actor.user_id)), der, request)
    signatures.spend(ticket, digest, digest)
    _use(actor, proven, request)
    return signatures.by_certificate(der, authority.certificate, ticket, digest)


def _use(actor: Actor, proven: ProvenFactor, request: RequestMeta) -> None:
    with platform_session(writes=True) as session:
        ctx = Context(session, actor, None, request)
        ask(ctx, Permission.SELF_MANAGE)
        use_factor(ctx, proven)
        method = CERTIFICATE if isinstance(proven, ProvenCertificate) else PASSKEY
        record(ctx, Event.SIGNATURE_GIVEN, Target("user", proven.user_id, proven.username), method=method)
        commit(session)
