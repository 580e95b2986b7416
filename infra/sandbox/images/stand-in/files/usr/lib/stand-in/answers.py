"""What the stand-ins have in common: a server that says that it stands in, on several ports at once."""

import json
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Answers(BaseHTTPRequestHandler):
    """GET by path; a page of the stand-in's own for "/"."""

    protocol_version = "HTTP/1.1"
    about = "A stand-in."

    def answer(self, status, body, kind="application/json"):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def page(self):
        self.answer(200, f"<!doctype html><p>{self.about}</p>\n".encode(), "text/html")

    def log_message(self, format, *args):
        """Nothing: whoever asks for the health asks often."""


def serve(listening):
    """Answers on each port by its handler until the process is asked to stop."""
    for port, handler in listening.items():
        server = ThreadingHTTPServer(("", port), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"stand-in: answers on {', '.join(map(str, listening))}", flush=True)
    threading.Event().wait()
