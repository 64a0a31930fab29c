"""Secrets at rest: personal numbers encrypted and searchable, codes and tokens only as keyed hashes."""

from __future__ import annotations

import base64
import hmac
import secrets
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.fernet import Fernet

CODE_DIGITS = 12
# OWASP profile: 18 ms of one core, against 150 ms of the library's default.
_PASSWORDS = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Verified when the login is unknown, so that the answer takes as long as for a known one.
_NOBODY = _PASSWORDS.hash("nobody has this password")


class Vault:
    """Keys derived from the one data key, each for one purpose."""

    def __init__(self, data_key: str) -> None:
        self._master = data_key.encode()
        self._cipher = Fernet(base64.urlsafe_b64encode(self._derive("iin encryption")))
        self._search = self._derive("iin search")
        self._codes = self._derive("one-time codes")

    def _derive(self, purpose: str) -> bytes:
        return hmac.digest(self._master, purpose.encode(), "sha256")

    def iin_hash(self, iin: str) -> str:
        return hmac.new(self._search, iin.encode(), sha256).hexdigest()

    def encrypt_iin(self, iin: str) -> bytes:
        return self._cipher.encrypt(iin.encode())

    def decrypt_iin(self, cipher: bytes) -> str:
        return self._cipher.decrypt(cipher).decode()

    def code_hash(self, *, registration_id: int, code: str) -> str:
        return hmac.new(self._codes, f"{registration_id}:{code}".encode(), sha256).hexdigest()


def new_code() -> str:
    """Twelve digits: typed on any keyboard layout, and far too many to guess at ten tries in a quarter of an hour."""
    return "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS))


def plain_code(typed: str) -> str:
    return "".join(character for character in typed if character.isascii() and character.isdecimal())


def new_token() -> str:
    return secrets.token_urlsafe(24)


def token_hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def hash_password(password: str) -> str:
    return _PASSWORDS.hash(password)


def password_matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is right; as slow for an account that does not exist."""
    try:
        _PASSWORDS.verify(password_hash or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None
