"""Faults that a test can switch on, by variables that start with FAULT_. All are off unless set.

They are counted, not drawn by lot, so that a test sees the same ones each time. See the README for their meaning.
"""

from __future__ import annotations

import itertools
import os
import time
from collections import deque
from collections.abc import Mapping
from fractions import Fraction

from pydantic import BaseModel, Extra, Field, ValidationError

PREFIX = "FAULT_"


class InvalidFaults(Exception):
    """One line for each FAULT_ variable that is unknown or malformed."""


class Faults(BaseModel):
    """Field names are the variables' names."""

    FAULT_PATHS: str = Field("/api/", regex="^/")
    FAULT_LATENCY_MS: int = Field(0, ge=0)
    FAULT_LATENCY_FACTOR: float = Field(1, ge=1)
    FAULT_ERROR_SHARE: float = Field(0, ge=0, le=1)
    FAULT_ERROR_ABOVE_RPS: float = Field(0, ge=0)
    FAULT_CRASH_AT_START: bool = False
    FAULT_CRASH_AFTER_S: float = Field(0, ge=0)
    FAULT_NEVER_READY: bool = False
    FAULT_MEMORY_MB: int = Field(0, ge=0)
    FAULT_MIGRATION: bool = False

    class Config:
        extra = Extra.forbid

    def any(self) -> list[str]:
        """The names of those that are switched on."""
        return [name for name, field in self.__fields__.items() if getattr(self, name) != field.default]


def read_faults(environ: Mapping[str, str] = os.environ) -> Faults:
    """The faults that are switched on, or InvalidFaults."""
    try:
        return Faults.parse_obj({name: value for name, value in environ.items() if name.startswith(PREFIX)})
    except ValidationError as error:
        lines = [f"{problem['loc'][0]}: {problem['msg']}" for problem in error.errors()]
        raise InvalidFaults("\n".join(lines)) from None


class FailingShare:
    """Says of each request whether it is to fail, so that after n requests floor(n * share) have failed."""

    def __init__(self, share: float) -> None:
        self._share = Fraction(str(share))  # 0.29 * 100 is not 29 in floating point
        self._numbers = itertools.count(1)

    def next(self) -> bool:
        number = next(self._numbers)
        return int(number * self._share) > int((number - 1) * self._share)


class Rate:
    """Counts the requests of the last second."""

    def __init__(self) -> None:
        self._times: deque[float] = deque()

    def next(self) -> int:
        now = time.monotonic()
        self._times.append(now)
        while self._times[0] <= now - 1:
            self._times.popleft()
        return len(self._times)
