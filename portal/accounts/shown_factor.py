"""Which second factor a form brings, of those a person may show beside, or instead of, the password."""

from collections.abc import Mapping

from portal.accounts import ceremony
from portal.accounts.certificate_proofs import prove_certificate, refusal
from portal.accounts.commands.factors import ProvenFactor
from portal.accounts.passkey_proofs import prove_passkey
from portal.accounts.proofs import prove_code
from portal.accounts.recovery_proofs import prove_recovery
from portal.core.context import RequestMeta
from portal.core.ids import UserId
from portal.web.client import client_certificate

CREDENTIAL, CERTIFICATE, RECOVERY, CODE = "credential", "certificate", "recovery", "code"
FIELDS = (CREDENTIAL, CERTIFICATE, RECOVERY, CODE)


def shown_factor(user_id: UserId, fields: Mapping[str, str], request: RequestMeta, prefix: str = "") -> ProvenFactor:
    """This function will judge what `fields`, named with `prefix`, bring of a person's second factors: one of them.

    That is a passkey's answer, the connection's certificate, a recovery code, else a dynamic code. Raises `SignInFailed` and
    `TooManyTries`.
    """
    if answer := fields.get(prefix + CREDENTIAL):
        return prove_passkey(ceremony.site(), answer, ceremony.bound_to(), request, user_id=user_id)
    if fields.get(prefix + CERTIFICATE):
        certificate = client_certificate()
        if certificate is None:
            raise refusal()
        return prove_certificate(user_id, certificate, request)
    if typed := fields.get(prefix + RECOVERY):
        return prove_recovery(user_id, typed, request)
    return prove_code(user_id, fields.get(prefix + CODE, ""), request)
