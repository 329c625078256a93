"""AES-256-GCM for one value of one row of one patient.

Layout of a stored value: 1 byte version, 12 bytes nonce, ciphertext with tag. The associated data is
`table.column:row`, so a ciphertext moved to another column, row or patient does not open.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.cache import caches

from interlude.record.vault.keys import read_key
from interlude.record.vault.models import SubjectKey

VERSION = b"\x01"


class CannotDecrypt(RuntimeError):
    """A stored value does not open: wrong key, wrong place, or changed bytes."""


def _seal(key: bytes, plain: bytes, bound_to: bytes) -> bytes:
    nonce = secrets.token_bytes(12)
    return VERSION + nonce + AESGCM(key).encrypt(nonce, plain, bound_to)


def _open(key: bytes, stored: bytes, bound_to: bytes) -> bytes:
    if stored[:1] != VERSION:
        raise CannotDecrypt(f"unknown version {stored[:1]!r}")
    try:
        return AESGCM(key).decrypt(stored[1:13], stored[13:], bound_to)
    except InvalidTag as error:
        raise CannotDecrypt(f"value bound to {bound_to.decode()} does not open") from error


def _keys_directory() -> Path:
    return Path(settings.INTERLUDE_KEYS)


def _cache_name(subject_id: UUID) -> str:
    return f"subject-key:{subject_id}"


def subject_key(subject_id: UUID, *, create: bool) -> bytes | None:
    """Return the 32-byte key of a patient, or None when it was erased (or never made and `create` is false).

    Unwrapped keys stay in the memory of this process only.
    """
    cache = caches["keys"]
    key: bytes | None = cache.get(_cache_name(subject_id))
    if key is not None:
        return key
    master = read_key(_keys_directory(), "master")
    bound_to = f"subject:{subject_id}".encode()
    row = SubjectKey.objects.filter(pk=subject_id).first()
    if row is None:
        if not create:
            return None
        key = secrets.token_bytes(32)
        SubjectKey.objects.create(subject_id=subject_id, wrapped=_seal(master, key, bound_to))
        # Not cached yet: the transaction that made the row may still be rolled back.
        return key
    key = _open(master, bytes(row.wrapped), bound_to)
    cache.set(_cache_name(subject_id), key)
    return key


def load_subject_keys(subject_ids: list[UUID]) -> None:
    """Unwrap the keys of many patients with one query, so that a list page needs a constant number."""
    cache = caches["keys"]
    missing = [subject_id for subject_id in subject_ids if cache.get(_cache_name(subject_id)) is None]
    if not missing:
        return
    master = read_key(_keys_directory(), "master")
    for row in SubjectKey.objects.filter(pk__in=missing):
        key = _open(master, bytes(row.wrapped), f"subject:{row.pk}".encode())
        cache.set(_cache_name(row.pk), key)


def forget_subject_key(subject_id: UUID) -> None:
    caches["keys"].delete(_cache_name(subject_id))


def encrypt(subject_id: UUID, plain: str, bound_to: str) -> bytes:
    key = subject_key(subject_id, create=True)
    assert key is not None
    return _seal(key, plain.encode(), bound_to.encode())


def decrypt(subject_id: UUID, stored: bytes, bound_to: str) -> str | None:
    """Return the text, or None when the patient's key was erased."""
    key = subject_key(subject_id, create=False)
    if key is None:
        return None
    return _open(key, stored, bound_to.encode()).decode()


def blind_index(text: str) -> str:
    """A keyed fingerprint of a normalised text: equal texts meet, and nothing can be read from it."""
    key = read_key(_keys_directory(), "index")
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]
