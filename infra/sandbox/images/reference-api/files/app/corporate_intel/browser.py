"""One connection to a service, kept open from request to request, as a client's would be."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

TIMEOUT_S = 10.0


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class _Secure(http.client.HTTPSConnection):
    """Asks for a certificate of another name than the address's: how the edge is reached from inside."""

    def __init__(self, address: str, port: int, name: str, context: ssl.SSLContext) -> None:
        super().__init__(address, port, timeout=TIMEOUT_S, context=context)
        self._name, self._trust = name, context

    def connect(self) -> None:
        plain = socket.create_connection((self.host, self.port), TIMEOUT_S)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = self._trust.wrap_socket(plain, server_hostname=self._name)


class Browser:
    """:param name: the host to ask for, and to demand a certificate of, where it is not the address's
    :param authority: the file of a certificate authority to trust instead of the system's
    """

    def __init__(self, url: str, name: str | None, authority: str | None) -> None:
        self._arguments = (url, name, authority)
        parts = urlsplit(url)
        assert parts.hostname is not None
        self._host = name or parts.netloc
        if parts.scheme == "https":
            context = ssl.create_default_context(cafile=authority)
            self._connection: http.client.HTTPConnection = _Secure(
                parts.hostname, parts.port or 443, name or parts.hostname, context
            )
        else:
            self._connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=TIMEOUT_S)

    def another(self) -> Browser:
        return Browser(*self._arguments)

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        body: bytes | None = None,
        kind: str = "application/json",
        token: str | None = None,
    ) -> Answer:
        headers = {"Host": self._host, "User-Agent": "corporate-intel-smoke"}
        if body is not None:
            headers["Content-Type"] = kind
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            return Answer(answer.status, answer.read())
        except Exception:
            self._connection.close()  # the next request opens another
            raise
