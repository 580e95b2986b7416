"""The queue of reports to write: how the API puts one in, and how both sides know it.

A quorum queue outlives the loss of a RabbitMQ node. It takes no limit of unconfirmed messages for a whole channel,
which is what Celery 5.2 asks for on every RabbitMQ since 3.3; `transport` makes it ask for one consumer's instead.
"""

from __future__ import annotations

import logging
import threading
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .database import reason

if TYPE_CHECKING:
    from celery import Celery

    from .settings import BrokerSettings

log = logging.getLogger(__name__)

TASK = "corporate_intel.write_report"

#: Seconds that the API waits for RabbitMQ to have a message for good: on most of its nodes.
CONFIRM_S = 3.0

#: How often a message comes back from a worker that died over it, before it is dropped (ours).
DELIVERIES = 5


class BrokerAway(Exception):
    """No broker is configured, or it does not take the message."""


def make_celery(settings: BrokerSettings) -> Celery:
    """What API and worker agree on. Both declare the queue, so that neither has to be first."""
    from celery import Celery
    from kombu import Exchange
    from kombu import Queue as Declared

    assert settings.CELERY_BROKER_URL is not None
    url = settings.CELERY_BROKER_URL.get_secret_value()
    name = settings.CELERY_QUEUE
    queue = Declared(
        name,
        Exchange(name, type="direct", durable=True),
        routing_key=name,
        durable=True,
        queue_arguments={"x-queue-type": "quorum", "x-delivery-limit": DELIVERIES},
    )
    celery = Celery("corporate_intel")
    celery.conf.update(
        broker_url=url,
        broker_transport="corporate_intel.transport:QuorumTransport",
        broker_transport_options={"confirm_publish": True, "max_retries": 1, "interval_start": 0},
        broker_use_ssl=_tls(settings) if url.startswith("amqps:") else False,
        broker_connection_timeout=2,
        broker_heartbeat=10,
        broker_connection_max_retries=None,  # a broker that is away comes back, and a restart would not help
        task_queues=[queue],
        task_default_queue=name,
        task_default_exchange=name,
        task_default_routing_key=name,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_step": 0.2},
        # A message is done when its work is: a worker that is lost gives it back.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        # Each of these would make queues of its own, which are neither replicated nor needed here.
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
    )
    return celery


def _tls(settings: BrokerSettings) -> dict[str, Any]:
    import ssl
    from urllib.parse import urlsplit

    host = urlsplit(settings.CELERY_BROKER_URL.get_secret_value()).hostname
    authority = settings.CELERY_BROKER_CA_FILE or ssl.get_default_verify_paths().cafile
    # With a name to expect, py-amqp checks it.
    return {"cert_reqs": ssl.CERT_REQUIRED, "ca_certs": authority, "server_hostname": host}


class Queue:
    """The API's side."""

    def __init__(self, settings: BrokerSettings) -> None:
        self._settings = settings
        self._making = threading.Lock()

    @property
    def configured(self) -> bool:
        return self._settings.CELERY_BROKER_URL is not None

    @cached_property
    def _celery(self) -> Celery:
        return make_celery(self._settings)

    def celery(self) -> Celery:
        """Half a second of imports, the first time."""
        with self._making:
            return self._celery

    def put(self, report: int) -> None:
        """Returns when the broker has the message for good.

        :raises BrokerAway: when it does not say so in time; it may have the message all the same
        """
        if not self.configured:
            raise BrokerAway("no broker is configured")
        try:
            self.celery().send_task(TASK, args=[report])
        except Exception as error:
            log.warning("the broker did not take a message: %s", reason(error))
            raise BrokerAway("the broker does not answer") from error

    def ask(self) -> None:
        """Raises what is wrong, if the broker does not answer."""
        with self.celery().connection_for_write() as connection:
            connection.connect()

    def close(self) -> None:
        if "_celery" in self.__dict__:
            self._celery.close()
