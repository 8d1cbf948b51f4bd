"""Keys: the office's own signs roots of the audit, public ones verify them. Ed25519, in PEM files."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from server.audit.errors import AuditKeyError
from workflows.roots import Root, signed_bytes

logger = logging.getLogger(__name__)

FOLDER = "audit"
"""Within the data folder: the key and the roots."""
KEY_FILE = "signing.key"


class SigningKey:
    """The office's own key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        """Sign with this key."""
        self._key = key
        self.public = PublicKey(key.public_key())

    @classmethod
    def open(cls, data_dir: Path) -> Self:
        """Read the office's key; the first time, make it (readable by its owner alone).

        Raises:
            AuditKeyError: it cannot be read or made, or it is damaged.
        """
        path = data_dir / FOLDER / KEY_FILE
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _make(path)
        except OSError as fault:
            raise AuditKeyError(f"{path} cannot be made ({fault.strerror}); check the data folder") from fault
        return cls.read(data_dir)

    @classmethod
    def read(cls, data_dir: Path) -> Self:
        """Read the office's key, which has to be there.

        Raises:
            AuditKeyError: it cannot be read, or it is damaged.
        """
        path = data_dir / FOLDER / KEY_FILE
        try:
            if path.stat().st_mode & 0o077:
                path.chmod(0o600)
                logger.warning("the key that signs the audit was readable by others; that is closed now")
            key = load_pem_private_key(path.read_bytes(), password=None)
        except FileNotFoundError as fault:
            raise AuditKeyError(
                f"there is no key {path}; the office makes it when it starts. Or give --public-key"
            ) from fault
        except OSError as fault:
            raise AuditKeyError(f"{path} cannot be read ({fault.strerror}); check the data folder") from fault
        except (ValueError, TypeError, UnsupportedAlgorithm) as fault:
            raise AuditKeyError(_damaged(path)) from fault
        if not isinstance(key, Ed25519PrivateKey):
            raise AuditKeyError(_damaged(path))
        return cls(key)

    def signed(self, root: Root) -> Root:
        """Give a root with this key's id and signature."""
        named = replace(root, key=self.public.id, signature="")
        return replace(named, signature=self._key.sign(signed_bytes(named)).hex())


class PublicKey:
    """What signatures of a key are verified with."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        """Verify with this key."""
        self._key = key
        raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.id = hashlib.sha256(raw).hexdigest()[:16]
        """The first half of a SHA-256 (hex): what roots call the key."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a public key from a PEM file.

        Raises:
            AuditKeyError: it cannot be read, or holds none.
        """
        try:
            key = load_pem_public_key(path.read_bytes())
        except (OSError, ValueError, UnsupportedAlgorithm) as fault:
            raise AuditKeyError(
                f"{path} holds no public key: {fault}. Print it with `audit public-key`"
            ) from fault
        if not isinstance(key, Ed25519PublicKey):
            raise AuditKeyError(
                f"{path} holds another kind of key; Ed25519 is needed, as `audit public-key` prints"
            )
        return cls(key)

    @property
    def pem(self) -> str:
        """The key as text."""
        return self._key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def made(self, root: Root) -> bool:
        """Say whether this key signed a root."""
        try:
            self._key.verify(bytes.fromhex(root.signature), signed_bytes(root))
        except (InvalidSignature, ValueError):
            return False
        return True


def signed_by(keys: Sequence[PublicKey], root: Root) -> bool:
    """Say whether the one of these keys that a root names has signed it."""
    return any(key.id == root.key and key.made(root) for key in keys)


def _make(path: Path) -> None:
    """Write a new key beside its place and move it there, unless there is one."""
    if path.exists():
        return
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    fresh = path.with_suffix(".tmp")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _damaged(path: Path) -> str:
    return (
        f"{path} is damaged; restore it from a backup, or move it and the roots aside: "
        "then the office begins new ones with a new key"
    )
