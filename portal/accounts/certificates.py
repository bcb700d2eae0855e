"""People's certificates (数字证书, X.509): the portal's own authority, what it issues, and the list of those it revoked. Pure.

An authority's key and a person's are P-256. A person's private key is made, handed over in a PKCS#12 file and forgotten.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID_FOR = timedelta(days=365)
AUTHORITY_VALID_FOR = timedelta(days=3650)
_LIST_VALID_FOR = timedelta(days=400)
_BACK = timedelta(minutes=5)  # clocks of others may be behind
_ORGANISATION = "企业专区门户"
_PASSWORD_BYTES = 12


@dataclass(frozen=True)
class Authority:
    """The certificate and the key that others are signed with."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def read(cls, certificate: str, key: str) -> "Authority":
        """This function will return the authority that two PEM texts hold."""
        private = load_pem_private_key(key.encode(), None)
        if not isinstance(private, ec.EllipticCurvePrivateKey):
            raise TypeError("the authority's key is no elliptic one")
        return cls(x509.load_pem_x509_certificate(certificate.encode()), private)

    @property
    def pem(self) -> str:
        """The certificate as PEM."""
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def key_pem(self) -> str:
        """The key as PEM, in clear: for the vault alone."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@dataclass(frozen=True)
class Issued:
    """A certificate as its owner gets it: a PKCS#12 file and its password; neither is kept."""

    certificate: x509.Certificate
    pkcs12: bytes
    password: str


def new_authority(now: datetime) -> Authority:
    """This function will make an authority that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{_ORGANISATION} CA"),
        ]
    )
    builder = _builder(name, name, key.public_key(), now, AUTHORITY_VALID_FOR)
    usage = _usage(key_cert_sign=True, crl_sign=True)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return Authority(builder.add_extension(usage, critical=True).sign(key, hashes.SHA256()), key)


def issue(authority: Authority, username: str, now: datetime, password: str | None = None) -> Issued:
    """This function will make a key pair and certify it for a user name, for a year."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, username[:64]),
        ]
    )
    builder = _builder(name, authority.certificate.subject, key.public_key(), now, VALID_FOR)
    certificate = _leaf(builder, ExtendedKeyUsageOID.CLIENT_AUTH).sign(authority.key, hashes.SHA256())
    chosen = password or secrets.token_urlsafe(_PASSWORD_BYTES)
    packed = pkcs12.serialize_key_and_certificates(
        username.encode(), key, certificate, [authority.certificate], BestAvailableEncryption(chosen.encode())
    )
    return Issued(certificate, packed, chosen)


def issue_for_host(authority: Authority, host: str, now: datetime) -> tuple[str, str]:
    """This function will certify a server's name and return certificate and key as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    builder = _builder(name, authority.certificate.subject, key.public_key(), now, VALID_FOR)
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    certificate = _leaf(builder, ExtendedKeyUsageOID.SERVER_AUTH).sign(authority.key, hashes.SHA256())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return certificate.public_bytes(Encoding.PEM).decode(), private.decode()


def revocation_list(authority: Authority, revoked: Iterable[tuple[str, datetime]], now: datetime) -> str:
    """This function will return the signed list (PEM) of revoked serials, hexadecimal, with when each was revoked."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(now - _BACK)
        .next_update(now + _LIST_VALID_FOR)
    )
    for serial, at in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(int(serial, 16)).revocation_date(at).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(authority.key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def thumbprint(certificate: x509.Certificate) -> str:
    """This function will return the SHA-256 of a certificate, 64 hex digits."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def is_issued_by(authority: Authority, der: bytes, now: datetime) -> x509.Certificate | None:
    """This function will return the certificate that `der` holds where the authority signed it for people and it is valid now."""
    try:
        found = x509.load_der_x509_certificate(der)
        found.verify_directly_issued_by(authority.certificate)
        usage = found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return None
    in_time = found.not_valid_before_utc <= now < found.not_valid_after_utc
    return found if in_time and ExtendedKeyUsageOID.CLIENT_AUTH in usage else None


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, lasts: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACK)
        .not_valid_after(now + lasts)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _leaf(builder: x509.CertificateBuilder, purpose: x509.ObjectIdentifier) -> x509.CertificateBuilder:
    return (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    )


def _usage(**allowed: bool) -> x509.KeyUsage:
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: allowed.get(name, False) for name in names})
