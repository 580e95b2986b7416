"""Log-in: passwords as salted scrypt hashes, sessions as signed tokens."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time

import jwt

ALGORITHM = "HS256"
_N, _R, _P = 2**14, 8, 1


def hash_password(password: str) -> str:
    salt = secrets.token_bytes(16)
    return f"scrypt${salt.hex()}${_scrypt(password, salt).hex()}"


def password_matches(password: str, stored: str | None) -> bool:
    """Takes the same time for a user who has no password, or does not exist."""
    _, salt, expected = (stored or f"scrypt${'00' * 16}$").split("$")
    return hmac.compare_digest(_scrypt(password, bytes.fromhex(salt)).hex(), expected)


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=_N, r=_R, p=_P, dklen=32)


class Tokens:
    def __init__(self, key: str, minutes: int) -> None:
        self._key = key
        self.seconds = minutes * 60

    def issue(self, username: str) -> str:
        now = int(time.time())
        return jwt.encode({"sub": username, "iat": now, "exp": now + self.seconds}, self._key, algorithm=ALGORITHM)

    def username(self, header: str | None) -> str | None:
        """Whose token an Authorization header carries. None if there is none, or it is forged or too old."""
        scheme, _, token = (header or "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            return str(jwt.decode(token, self._key, algorithms=[ALGORITHM], options={"require": ["exp", "sub"]})["sub"])
        except jwt.InvalidTokenError:
            return None
