"""Several processes that count together."""

from __future__ import annotations

import os
import sys
import tempfile

FOLDER = "PROMETHEUS_MULTIPROC_DIR"


def share() -> None:
    """The figures of this process and of all it starts become those of one. Needs a folder for temporary files."""
    if "prometheus_client" in sys.modules:
        raise RuntimeError("the library of the figures was loaded too early: it takes this for the only process")
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="metrics-")
