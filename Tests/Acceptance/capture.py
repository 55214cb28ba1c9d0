"""Captures what real tracers send into `fixtures/captured`, with golden decodings beside.

    python capture.py [CLIENT...]        a client is a name as `ddtrace-2.21-py3.13`; without one, all of them

A small server stands in for the agent, keeps each request as it came, and answers as a trace agent does. Port 8126 must
be free: the seed's tracer knows no other.
"""
import base64
import datetime
import json
import pathlib
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import environments
import golden
from processes import App, wait_until

CAPTURED = environments.REPOSITORY / "fixtures" / "captured"
# The full set of requests costs about 100 KB a client: it is kept for one Python of each tracer, the short one for the
# other.
SHORT = ["/", "/api/apm", "/users/7"]
FULL = SHORT + ["/boom", "/forbidden", "/nested", "/error", "/sql", "/redis", "/outfail", "/tpl", "/keep", "/drop", "/threads",
                "/missing"]
# Values at the edge of what an encoder takes. Some old tracers lose the batch or send a broken body over them, so each
# travels alone, after everything else.
EDGES = ["/utf8", "/links", "/badutf8", "/nums"]
# For a client that is told to use another version than it would: `/links` has what only some versions can carry.
ASKED = ["/", "/nested", "/links"]
SEED = ["/", "/api/apm", "/api/trace", "/missing"]

INFO = {"version": "7.77.0", "git_commit": "", "client_drop_p0s": False, "span_meta_structs": True,
        "long_running_spans": True, "span_events": True, "feature_flags": [], "config": {"default_env": "none"},
        "peer_tags": [], "span_kinds_stats_computed": ["server", "consumer", "client", "producer"],
        "obfuscation_version": 1}


class _QuietServer(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """Old tracers close before they have read the answer: a reset is nothing to report."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class CaptureServer:
    """Keeps every request in `requests` as (method, path, header pairs, body); unknown endpoints are 404."""

    def __init__(self, port, endpoints):
        self.requests = []
        self.endpoints = endpoints
        kept = self.requests

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                body = self._body()
                kept.append((self.command, self.path, list(self.headers.items()), body))
                status, kind, answer = self.server.answer(self.path)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_PUT = do_POST = do_GET

            def _body(self):
                if "chunked" in self.headers.get("Transfer-Encoding", ""):
                    chunks = []
                    while size := int(self.rfile.readline().split(b";")[0], 16):
                        chunks.append(self.rfile.read(size))
                        self.rfile.readline()
                    self.rfile.readline()
                    return b"".join(chunks)
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))

            def log_message(self, *_):
                pass

        self.server = _QuietServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.server.answer = self._answer
        self.port = self.server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def _answer(self, path):
        if path == "/info":
            return 200, "application/json", json.dumps({**INFO, "endpoints": self.endpoints}).encode()
        if path not in self.endpoints:
            return 404, "text/plain", b"404 page not found\n"
        if path.endswith("/traces") and not path.startswith("/v0.3"):
            return 200, "application/json", b'{"rate_by_service":{"service:,env:":1}}'
        return 200, "text/plain", b"OK\n"

    def traces(self):
        """How many traces have come in so far."""
        return sum(len(golden.decode(path, body) or []) for _, path, _, body in list(self.requests)
                   if path in self.endpoints)

    def arrived(self, more_than, seconds):
        """Waits for more traces than that; false when they do not come."""
        try:
            return wait_until(lambda: self.traces() > more_than, seconds, "traces")
        except AssertionError:
            return False


def endpoints(*versions):
    return [f"/{version}/{kind}" for version in versions for kind in ("traces", "services")]


def capture(client, app, paths, suffix, versions, folder, **variables):
    """Runs one app against the server and writes each distinct kind of request that it made."""
    environment = environments.environment(client)
    port = 8126 if app == "seed_app.py" else 0
    with CaptureServer(port, endpoints(*versions)) as server:
        log = pathlib.Path(folder) / f"{client}{suffix}.log"
        with App(environment, app, server.port, log, **variables) as running:
            for number, path in enumerate(paths):
                before = server.traces()
                running.get(path)
                if number % 6 == 1 or path == paths[-1]:  # batches of a few traces, as a busy app sends
                    assert server.arrived(before, 30), f"no trace of {path}"
            for path in EDGES if paths is FULL else []:
                before = server.traces()
                running.get(path)
                server.arrived(before, 5)
            running.stop()
        write(client, app, suffix, server, variables)


def write(client, app, suffix, server, variables):
    provenance = {
        "client": _exact_version(client), "python": client.python, "app": f"Tests/Acceptance/apps/{app}",
        "command": ("python " if app == "seed_app.py" else "ddtrace-run python ") + app,
        "variables": variables, "captured": datetime.date.today().isoformat()}
    numbers = {}
    for method, path, headers, body in server.requests:
        kind = "-".join(path.strip("/").split("/"))
        if path != "/info" and not kind.startswith("v0."):
            continue  # telemetry and remote configuration carry machine details and no spans
        number = numbers[kind] = numbers.get(kind, 0) + 1
        if not kind.endswith("traces") and number > 1 or number > 8:
            continue
        name = f"{client}{suffix}-{kind}-{number}"
        document = {"provenance": provenance, "method": method, "path": path, "headers": headers,
                    "body": base64.b64encode(body).decode()}
        _write_json(CAPTURED / f"{name}.json", document, indent=1)
        if kind.endswith("traces"):
            _write_json(CAPTURED / f"{name}.expected.json", {"traces": golden.decode(path, body)})


def _exact_version(client):
    """`ddtrace 2.21.11`, from the pins."""
    pins = dict(line.split("==") for line in client.requirements.read_text().splitlines() if "==" in line)
    return f"ddtrace {pins['ddtrace']}"


def _write_json(path, document, indent=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=indent, allow_nan=False,
                               separators=None if indent else (",", ":")) + "\n")


def plan():
    """(client, app, paths, suffix, versions served, variables) of every capture."""
    everything = ("v0.3", "v0.4", "v0.5")
    for client in environments.SEED_CLIENTS:
        yield client, "seed_app.py", SEED, "", ("v0.3", "v0.4"), {}
    seen = set()
    for client in environments.RICH_CLIENTS:
        paths = SHORT if client.ddtrace in seen else FULL
        seen.add(client.ddtrace)
        yield client, "rich_app.py", paths, "", everything, {}
        if paths is SHORT and client.version >= (1, 0):
            other = "v0.5" if client.version < (2, 0) else "v0.4"
            yield client, "rich_app.py", ASKED, f"-asked-{other}", everything, {"DD_TRACE_API_VERSION": other}


def main():
    wanted = set(sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder:
        for client, app, paths, suffix, versions, variables in plan():
            if not wanted or str(client) in wanted:
                capture(client, app, paths, suffix, versions, folder, **variables)
                print(client, suffix or "default", flush=True)


if __name__ == "__main__":
    main()
