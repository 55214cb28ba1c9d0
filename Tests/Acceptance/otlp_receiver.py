"""A receiver of OTLP over HTTP that answers as it is told, and reads bodies with OpenTelemetry's own classes."""
import base64
import collections
import gzip
import http.server
import json
import subprocess
import threading

import zstandard

from conftest import environment_or_skip
from environments import OPENTELEMETRY
from processes import APPS, free_port

Request = collections.namedtuple("Request", "path headers body status")
TAKEN = (200, {}, b"")


class Receiver:
    """On a port of its own, from `with` to its end. `answer` gives status, headers and body of the answer to a request, by
    its number from 0 on and the length of its body as it came."""

    def __init__(self, port=None, answer=lambda number, length: TAKEN):
        self.port = port or free_port()
        self.answer = answer
        self.requests = []
        self._lock = threading.Lock()

    @property
    def url(self):
        return f"otlp+http://127.0.0.1:{self.port}"

    def __enter__(self):
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with receiver._lock:
                    status, headers, answer = receiver.answer(len(receiver.requests), len(body))
                    receiver.requests.append(Request(self.path, dict(self.headers.items()), body, status))
                self.send_response(status)
                for name, value in {**headers, "Content-Length": len(answer)}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def spans(self):
        """Those of all requests that were taken, as opentelemetry-proto reads them."""
        with self._lock:
            taken = [request for request in self.requests if request.status == 200]
        bodies = [base64.b64encode(plain(request)).decode() for request in taken]
        python = environment_or_skip(OPENTELEMETRY) / "bin" / "python"
        done = subprocess.run([python, APPS / "otlp_reader.py", "protobuf"], input=json.dumps(bodies), capture_output=True,
                              text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def ids(self):
        """How often each span came."""
        return collections.Counter((span["trace_id"], span["span_id"]) for span in self.spans())


def plain(request):
    """A body without its compression, of which the headers have to be true."""
    kind = {name.lower(): value for name, value in request.headers.items()}
    assert kind["content-type"] == "application/x-protobuf"
    match kind.get("content-encoding"):
        case "gzip":
            return gzip.decompress(request.body)
        case "zstd":
            return zstandard.ZstdDecompressor().decompressobj().decompress(request.body)
        case None:
            return request.body
        case other:
            raise AssertionError(f"compressed with {other}")
