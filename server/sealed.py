"""Sound at rest is sealed: nobody reads or changes a file of it without the office's secret."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from server.errors import ServerError

OVERHEAD = 1 + 12 + 16
"""Bytes that a seal adds: its version, a nonce and a tag."""
_VERSION = b"\x01"
_NONCE_BYTES = 12
_KEY_BYTES = 32
_LEAST_SECRET_BYTES = 16


class SealBroken(ServerError):
    """Sealed bytes cannot be opened: damaged, of another office, or not what they are taken for."""

    code = "seal"
    title = "Cannot be opened"


class Sealer:
    """Seals bytes with AES-256-GCM under a key of its own, made from the office's secret (HKDF, SHA-256).

    Args:
        secret: the office's (`server.identity.load_secret`), at least 16 bytes.
        purpose: what is sealed, as `spool`; what one purpose has sealed, no other opens.

    Raises:
        ValueError: the secret is too short, or there is no purpose.
    """

    def __init__(self, secret: bytes, purpose: str) -> None:
        if len(secret) < _LEAST_SECRET_BYTES or not purpose:
            raise ValueError(f"a seal needs a secret of at least {_LEAST_SECRET_BYTES} bytes, and a purpose")
        info = f"atrium.{purpose}.1".encode()
        key = HKDF(algorithm=hashes.SHA256(), length=_KEY_BYTES, salt=None, info=info).derive(secret)
        self._cipher = AESGCM(key)

    def seal(self, data: bytes, about: bytes) -> bytes:
        """Seal bytes together with what they are about, which is not part of the result.

        A key serves for 2**32 seals, since nonces are drawn by chance: one a second for a hundred years.
        """
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, data, about)

    def open(self, data: bytes, about: bytes) -> bytes:
        """Give back what was sealed about the same.

        Raises:
            SealBroken: it was changed, sealed with another secret, for another purpose or about something else.
        """
        if len(data) < OVERHEAD or data[:1] != _VERSION:
            raise SealBroken("this is no sealed file, or a later Atrium sealed it; it cannot be opened")
        try:
            return self._cipher.decrypt(data[1 : 1 + _NONCE_BYTES], data[1 + _NONCE_BYTES :], about)
        except InvalidTag:
            raise SealBroken(
                "this file is damaged or was sealed with another secret.key; restore the two from one backup"
            ) from None
