"""The users' passwords. None is in the image: they come from the environment, which a Secret fills, or a terminal."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from .auth import hash_password, password_matches
from .database import Database
from .tables import users

PREFIX = "USER_PASSWORD_"
SHORTEST = 12


class InvalidPassword(Exception):
    """What is wrong, without the password."""


def given(environ: Mapping[str, str]) -> dict[str, str]:
    """Passwords by user, out of `USER_PASSWORD_ADMIN` and its like."""
    found = {name.removeprefix(PREFIX).lower(): value for name, value in environ.items() if name.startswith(PREFIX)}
    if not found:
        raise InvalidPassword(f"no variable begins with {PREFIX}: want one for each user who is to sign in")
    return found


def set_password(database: Database, name: str, password: str) -> bool:
    """:return: whether it was another one before"""
    if len(password) < SHORTEST:
        raise InvalidPassword(f"the password of {name} is too short: want at least {SHORTEST} characters")
    whose = users.c.username == name
    with database.begin() as connection:
        row = connection.execute(sa.select(users.c.password_hash).where(whose).with_for_update()).one_or_none()
        if row is None:
            raise InvalidPassword(f"there is no user {name}")
        if row.password_hash is not None and password_matches(password, row.password_hash):
            return False
        connection.execute(sa.update(users).where(whose).values(password_hash=hash_password(password)))
    return True
