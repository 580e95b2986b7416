"""Health: what each dependency says when it is asked now, and how long one may wait for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool

from .database import reason

TIMEOUT_S = 3.0


class Check:
    """Asks one dependency in a thread. Whoever comes while it is being asked waits for the same answer, so that a
    dependency that hangs holds one thread and not all of them."""

    def __init__(self, name: str, ask: Callable[[], None]) -> None:
        self._name = name
        self._ask = ask
        self._asking: asyncio.Task[None] | None = None
        self._last: tuple[float, str | None] = (float("-inf"), None)

    async def problem(self, max_age_s: float = 0) -> str | None:
        """Why the dependency is not healthy, or None.

        :param max_age_s: an answer that is not older than this will do
        """
        at, known = self._last
        if time.monotonic() - at < max_age_s:
            return known
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(run_in_threadpool(self._ask))
        try:
            await asyncio.wait_for(asyncio.shield(self._asking), TIMEOUT_S)
            found = None
        except TimeoutError:
            found = f"{self._name} did not answer within {TIMEOUT_S:g} s"
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
            found = reason(error)
        self._last = (time.monotonic(), found)
        return found
