#!/usr/bin/python3
"""Stands in for Grafana: health, its administrator's sign-in, and what it was given to show. Written for this project."""

import base64
import hmac
import json
import os
import pathlib
import sys

sys.path.insert(0, "/usr/lib/stand-in")
from answers import Answers, serve  # noqa: E402

VERSION = "10.2.3"
PROVISIONING = pathlib.Path(os.environ.get("GF_PATHS_PROVISIONING", "/etc/grafana/provisioning"))


def setting(name, default):
    """A variable, or the file that it names with `__FILE` behind its name, as Grafana reads them."""
    file = os.environ.get(f"{name}__FILE")
    return pathlib.Path(file).read_text().strip() if file else os.environ.get(name, default)


ADMIN = setting("GF_SECURITY_ADMIN_USER", "admin")
PASSWORD = setting("GF_SECURITY_ADMIN_PASSWORD", "admin")
EXPECTED = "Basic " + base64.b64encode(f"{ADMIN}:{PASSWORD}".encode()).decode()


def dashboards():
    found = [json.loads(file.read_text()) for file in sorted(PROVISIONING.glob("dashboards/**/*.json"))]
    return [{"uid": one.get("uid", ""), "title": one.get("title", ""), "type": "dash-db"} for one in found]


def data_sources():
    return [{"name": file.stem} for file in sorted(PROVISIONING.glob("datasources/*.y*ml"))]


class Grafana(Answers):
    about = "A stand-in for Grafana: it draws nothing."

    def do_GET(self):
        path = self.path.partition("?")[0]
        if path == "/api/health":
            return self.answer(200, {"commit": "stand-in", "database": "ok", "version": VERSION})
        if path == "/metrics":
            return self.answer(200, b"# TYPE grafana_stand_in gauge\ngrafana_stand_in 1\n", "text/plain")
        if path in ("/", "/login"):
            return self.page()
        # Compared in the same time whatever is wrong with it.
        if not hmac.compare_digest(self.headers.get("authorization", ""), EXPECTED):
            return self.answer(401, {"message": "Unauthorized"})
        if path == "/api/search":
            return self.answer(200, dashboards())
        if path == "/api/datasources":
            return self.answer(200, data_sources())
        return self.answer(404, {"message": "Not found"})


serve({3000: Grafana})
