"""What stands behind the edge in a test: says what it was asked, and claims headers that are the edge's to say."""
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STATUS = {"/missing": 404, "/forbidden": 403, "/api/v1/auth/login": 401}


class Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        size = len(self.rfile.read(int(self.headers.get("content-length", 0))))
        seen = {"method": self.command, "path": self.path, "size": size, "headers": {k.lower(): v for k, v in self.headers.items()}}
        body = json.dumps(seen).encode()
        self.send_response(STATUS.get(self.path.split("?")[0], 200))
        for name, value in (
            ("content-type", "application/json"),
            ("content-length", str(len(body))),
            ("x-frame-options", "SAMEORIGIN"),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "default-src *"),
            ("strict-transport-security", "max-age=1"),
            ("access-control-allow-origin", "*"),
            ("vary", "Accept-Encoding"),
        ):
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = answer

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 512


Server(("0.0.0.0", 8000), Echo).serve_forever()
