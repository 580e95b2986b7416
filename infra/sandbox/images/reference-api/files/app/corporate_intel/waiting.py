"""Waiting, before the service starts, for what it needs: an init container's work (D-K8S-2)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from pydantic import BaseModel, Field

from .database import reason

#: A-MIG-1 waits for PostgreSQL like this; for the others the figures are ours.
INTERVAL_S = 2.0


class WaitSettings(BaseModel):
    #: For all together.
    WAIT_SECONDS: float = Field(60, gt=0)


def wait(asks: Mapping[str, Callable[[], None]], deadline_s: float, tell: Callable[[str], None]) -> list[str]:
    """Asks each until it answers, one after the other, all within one deadline.

    :return: what did not answer in time, with its last reason; empty is success
    """
    until = time.monotonic() + deadline_s
    missing = []
    for name, ask in asks.items():
        problem = _one(ask, until)
        if problem is None:
            tell(f"{name} answers")
        else:
            missing.append(f"{name} did not answer within {deadline_s:g} s: {problem}")
    return missing


def _one(ask: Callable[[], None], until: float) -> str | None:
    while True:
        began = time.monotonic()
        try:
            ask()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
            left = until - time.monotonic()
            if left <= 0:
                return reason(error)
            time.sleep(min(left, max(0.0, began + INTERVAL_S - time.monotonic())))
        else:
            return None
