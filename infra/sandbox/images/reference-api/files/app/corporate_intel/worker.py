"""The worker: takes reports from the queue, writes them, and says so. As many as its processes at a time."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from celery import Celery, bootsteps
from celery.exceptions import Reject
from celery.signals import worker_process_init, worker_process_shutdown

from . import metrics
from .database import reason
from .queue import TASK, make_celery
from .release import VERSION
from .reporting import write_report
from .service import make_database
from .storage import Storage

if TYPE_CHECKING:
    from .settings import Settings

log = logging.getLogger(__name__)

#: Touched while the worker's loop turns, or while it waits for a broker that is away: then a restart would not help.
ALIVE = Path("/tmp/worker-alive")
#: There while it takes messages.
READY = Path("/tmp/worker-ready")

BEAT_S = 5.0
#: A loop that has not turned for this long hangs.
HANGS_S = 20.0


class Heartbeat(bootsteps.StartStopStep):
    """What the pod's probes look at."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **_: Any) -> None:
        super().__init__(consumer)
        self._turned: float | None = None
        self._timer: Any = None
        READY.unlink(missing_ok=True)
        threading.Thread(target=self._beat, daemon=True).start()

    def _beat(self) -> None:
        while True:
            turned = self._turned
            if turned is None or time.monotonic() - turned < HANGS_S:
                ALIVE.touch()
            time.sleep(BEAT_S)

    def _turn(self) -> None:
        self._turned = time.monotonic()

    def start(self, consumer: Any) -> None:
        self._turn()
        self._timer = consumer.timer.call_repeatedly(BEAT_S, self._turn)
        READY.touch()

    def stop(self, _consumer: Any) -> None:
        """The connection is gone, or the worker is leaving."""
        READY.unlink(missing_ok=True)
        self._turned = None
        if self._timer is not None:
            self._timer.cancel()

    shutdown = stop


def make_worker(settings: Settings) -> Celery:
    celery = make_celery(settings)
    celery.steps["consumer"].add(Heartbeat)
    mine: dict[str, Any] = {}

    @worker_process_init.connect(weak=False)
    def begin(**_: Any) -> None:
        # One task at a time needs one connection. Made here, since connections do not survive the fork.
        mine["database"] = make_database(settings, settings.DB_POOL_SIZE)
        mine["storage"] = Storage(settings)

    @worker_process_shutdown.connect(weak=False)
    def end(**_: Any) -> None:
        mine["database"].close()

    @celery.task(name=TASK)
    def write(report: int) -> None:
        try:
            write_report(mine["database"], mine["storage"], report)
        except Exception as error:
            # Back into the queue, for another worker or a better time; so often and no more (queue.DELIVERIES).
            log.warning("report %d goes back into the queue: %s", report, reason(error))
            raise Reject(str(error), requeue=True) from error

    return celery


def work(settings: Settings) -> None:
    """Until it is told to stop: then it ends what it has begun, and takes nothing more."""
    from prometheus_client import CollectorRegistry, start_http_server
    from prometheus_client.multiprocess import MultiProcessCollector

    metrics.INFO.labels(VERSION, settings.ENVIRONMENT).set(1)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    start_http_server(settings.WORKER_METRICS_PORT, registry=registry)
    celery = make_worker(settings)
    options = ["--concurrency", str(settings.WORKER_CONCURRENCY), "--loglevel", settings.LOG_LEVEL]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    celery.worker_main(["worker", *options, *quiet])
