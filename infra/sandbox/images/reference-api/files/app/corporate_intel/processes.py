"""One or several processes that answer on one port.

They live and die together: when one ends that was not told to, the others are told to, and the pod's container ends
with an error. Kubernetes counts that restart, where one inside the container would go unseen.
"""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable

#: Connections that wait to be taken, in all processes together.
BACKLOG = 2048


def listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("0.0.0.0", port))
    listening.listen(BACKLOG)
    listening.set_inheritable(True)
    return listening


def together(count: int, work: Callable[[], None], started: Callable[[], None]) -> int:
    """Runs `work` in so many processes of their own.

    :param started: called once all are there, to let go of what only they need
    :return: the exit code: 0 when all have ended because this process was told to, else 1
    """
    children: set[int] = set()
    told = False

    def tell(number: int, _frame: object) -> None:
        nonlocal told
        told = True
        for child in children:
            os.kill(child, number)

    # Nobody may be told while some are not there yet.
    signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    for _ in range(count):
        child = os.fork()
        if child == 0:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
            work()
            os._exit(0)
        children.add(child)
    started()
    for each in signals:
        signal.signal(each, tell)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)

    failed = False
    while children:
        child, status = os.wait()
        children.discard(child)
        failed = failed or status != 0
        if not told:
            failed = True
            tell(signal.SIGTERM, None)
    return 1 if failed else 0
