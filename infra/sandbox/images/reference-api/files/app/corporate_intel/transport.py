"""RabbitMQ, spoken to as quorum queues want it. Named in the settings of Celery, which loads it from here."""

from __future__ import annotations

from typing import Any

from kombu.transport import pyamqp

from .queue import CONFIRM_S


class Channel(pyamqp.Channel):
    def basic_publish_confirm(self, *args: Any, **options: Any) -> Any:
        """Kombu 5.2 would wait for a confirmation for ever."""
        return super().basic_publish_confirm(*args, **{"confirm_timeout": CONFIRM_S, **options})


class Connection(pyamqp.Connection):
    Channel = Channel


class QuorumTransport(pyamqp.Transport):
    Connection = Connection

    def qos_semantics_matches_spec(self, _connection: Any) -> bool:
        """Celery asks this to find out whether `basic.qos` means one consumer unless it is told otherwise, and tells it
        otherwise if not. A quorum queue refuses consumers on such a channel (540, NOT_IMPLEMENTED)."""
        return True
