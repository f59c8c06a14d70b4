"""Certificates for the sandbox's line: a valid one and an expired one, by an authority of their own."""

import datetime
import ipaddress
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_PEM: Final = serialization.Encoding.PEM
_YEAR: Final = datetime.timedelta(days=365)
_DAY: Final = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LineCertificates:
    """What a line shows, made anew each time: nobody trusts it who was not told to.

    ``authority`` is the PEM of the authority that signed both; whoever trusts it trusts ``valid``, and would
    trust ``expired`` but for its date. ``fingerprint`` is the SHA-256 of the valid certificate's DER form.
    """

    authority: bytes
    valid: ssl.SSLContext
    expired: ssl.SSLContext
    fingerprint: bytes


def make_certificates(now: datetime.datetime) -> LineCertificates:
    """Make an authority and certificates for ``127.0.0.1``, ``::1`` and ``localhost``; takes milliseconds."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Padan sandbox, not Dukcapil")])
    authority = (
        _dated(now - 2 * _YEAR, now + _YEAR)
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    valid, fingerprint = _shown(_dated(now - _DAY, now + _YEAR), authority, key=key)
    expired, _ = _shown(_dated(now - _YEAR, now - _DAY), authority, key=key)
    return LineCertificates(authority.public_bytes(_PEM), valid, expired, fingerprint)


def _dated(first: datetime.datetime, last: datetime.datetime) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().serial_number(x509.random_serial_number())
    return builder.not_valid_before(first).not_valid_after(last)


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _shown(
    builder: x509.CertificateBuilder, authority: x509.Certificate, *, key: ec.EllipticCurvePrivateKey
) -> tuple[ssl.SSLContext, bytes]:
    """Sign a certificate; return what serves it, and its fingerprint."""
    own = ec.generate_private_key(ec.SECP256R1())
    addresses = [x509.IPAddress(ipaddress.ip_address(text)) for text in ("127.0.0.1", "::1")]
    certificate = (
        builder.subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Padan sandbox line")]))
        .issuer_name(authority.subject)
        .public_key(own.public_key())
        .add_extension(x509.SubjectAlternativeName([*addresses, x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = own.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return _serving(private + certificate.public_bytes(_PEM)), certificate.fingerprint(hashes.SHA256())


def _serving(pem: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # The standard library reads keys from files alone; this one is the user's own, and goes at once.
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        Path(file.name).write_bytes(pem)
        context.load_cert_chain(file.name)
    return context
