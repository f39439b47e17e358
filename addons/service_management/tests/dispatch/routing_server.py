"""A routing server on this machine that answers tables as OSRM and Valhalla do."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class RoutingServer:
    """Answers 60 s for each 0.01 degree. ``calls`` are the sizes of the tables asked
    for; ``mode`` is ``ok``, ``slow``, ``broken`` (no JSON), ``refuse`` (OSRM's answer
    to too many places) or ``island`` (no way anywhere)."""

    def __init__(self):
        self.calls = []
        self.mode = "ok"
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                parts = urlsplit(self.path)
                prefix = "/table/v1/driving/"
                if not parts.path.startswith(prefix):
                    return self._send(404, b"{}")
                places = [
                    tuple(map(float, reversed(text.split(","))))
                    for text in parts.path.removeprefix(prefix).split(";")
                ]
                query = parse_qs(parts.query)
                numbers = [
                    [int(n) for n in query[name][0].split(";")]
                    for name in ("sources", "destinations")
                ]
                rows, columns = ([places[n] for n in group] for group in numbers)
                table = server.make_table(rows, columns)
                return self._answer({"code": "Ok", "durations": table})

            def do_POST(self):
                size = int(self.headers["Content-Length"])
                body = json.loads(self.rfile.read(size))
                rows, columns = (
                    [(place["lat"], place["lon"]) for place in body[name]]
                    for name in ("sources", "targets")
                )
                table = server.make_table(rows, columns)
                return self._answer(
                    {
                        "sources_to_targets": [
                            [{"time": value} for value in line] for line in table
                        ]
                    }
                )

            def _answer(self, answer):
                if server.mode == "slow":
                    time.sleep(1.5)
                if server.mode == "broken":
                    return self._send(200, b"<html>")
                if server.mode == "refuse":
                    answer = {"code": "TooBig", "message": "Too many table coordinates"}
                    return self._send(400, json.dumps(answer).encode())
                return self._send(200, json.dumps(answer).encode())

            def _send(self, status, body):
                try:
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:  # the caller has hung up
                    return

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def make_table(self, rows, columns):
        self.calls.append((len(rows), len(columns)))
        if self.mode == "island":
            return [[None] * len(columns) for __ in rows]
        return [
            [round((abs(a - c) + abs(b - d)) * 100 * 60, 1) for c, d in columns]
            for a, b in rows
        ]

    def close(self):
        self.server.shutdown()
        self.server.server_close()
