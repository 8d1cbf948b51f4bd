"""A self-signed certificate, for an office on the local network."""

from __future__ import annotations

import ipaddress
import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID_DAYS = 397
"""Browsers refuse certificates that live longer."""
RENEW_DAYS = 30


def self_signed(folder: Path, host: str, now: datetime | None = None) -> tuple[Path, Path]:
    """Certificate and key in `folder`, made or renewed when needed.

    Args:
        folder: kept private (0700).
        host: the address that the office listens on.
        now: aware; default: the present.
    """
    now = now or datetime.now(UTC)
    certificate, key = folder / "self-signed.pem", folder / "self-signed.key"
    names = _names(host)
    if certificate.exists() and key.exists() and _still_good(certificate, names, now):
        return certificate, key
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Atrium")])
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=VALID_DAYS))
        .add_extension(x509.SubjectAlternativeName([_general(n) for n in sorted(names)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(private, hashes.SHA256())
    )
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(key, pem)
    _write(certificate, signed.public_bytes(serialization.Encoding.PEM))
    return certificate, key


def _names(host: str) -> set[str]:
    names = {"localhost", "127.0.0.1", socket.gethostname()}
    if host not in ("0.0.0.0", "::"):
        return names | {host}
    try:
        return names | {
            str(info[4][0]).partition("%")[0] for info in socket.getaddrinfo(socket.gethostname(), None)
        }
    except socket.gaierror:
        return names


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _still_good(certificate: Path, names: set[str], now: datetime) -> bool:
    try:
        known = x509.load_pem_x509_certificate(certificate.read_bytes())
    except ValueError:
        return False
    covered = known.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    held = {str(n) for n in covered.get_values_for_type(x509.DNSName)}
    held |= {str(n) for n in covered.get_values_for_type(x509.IPAddress)}
    return names <= held and known.not_valid_after_utc > now + timedelta(days=RENEW_DAYS)


def _write(path: Path, content: bytes) -> None:
    temporary = path.with_suffix(".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    temporary.replace(path)
