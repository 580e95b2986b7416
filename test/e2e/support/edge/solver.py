"""A pod that answers one ACME challenge, its own, as cert-manager's does."""
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN = os.environ["TOKEN"]


class Solver(BaseHTTPRequestHandler):
    def do_GET(self):
        mine = self.path == f"/.well-known/acme-challenge/{TOKEN}"
        self.send_response(200 if mine else 404)
        self.end_headers()
        self.wfile.write(f"{TOKEN}.proof for {self.headers['host']}".encode() if mine else b"")

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("0.0.0.0", 8089), Solver).serve_forever()
