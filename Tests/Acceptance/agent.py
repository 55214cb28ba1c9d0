"""A roost under test, the mock intake it forwards to, and what the two have to say."""
import collections
import gzip
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import urllib.request

import msgpack
import zstandard

from environments import REPOSITORY
from processes import Process, clean_environment, free_port, listens, wait_until

BENCHMARKS = REPOSITORY / "Benchmarks"
sys.path.insert(0, str(BENCHMARKS))
import decode  # noqa: E402  (the harness's own account of what the intake kept)

BINARY = pathlib.Path(os.environ.get("ROOST_BINARY") or REPOSITORY / ".build" / "release" / "roost")
API_KEY = "0123456789abcdef0123456789abcdef"


def short_folder():
    """A fresh folder with a path short enough for a unix socket in it."""
    return pathlib.Path(tempfile.mkdtemp(prefix="roost-", dir="/tmp"))


def forwarding_to(url):
    """Settings with which nothing leaves for Datadog: traces and what debuggers send go to `url`, telemetry is not taken."""
    debuggers = {f"DD_APM_{name}_DD_URL": f"{url}/{name}" for name in ("DEBUGGER", "DEBUGGER_DIAGNOSTICS", "SYMDB")}
    return {"DD_APM_DD_URL": url, "DD_APM_PROFILING_DD_URL": f"{url}/profile", "DD_APM_TELEMETRY_ENABLED": "false",
            **debuggers}


class Agent(Process):
    """`roost serve` on a port of its own, with its sockets and its configuration file in a folder of its own."""

    def __init__(self, port=None, intake=None, configuration="", command=(), binary=BINARY, **variables):
        self.folder = short_folder()
        self.port = port or free_port()
        self.file = self.folder / "datadog.yaml"
        self.variables = {
            "DD_APM_RECEIVER_PORT": self.port,
            "DD_APM_RECEIVER_SOCKET": self.folder / "apm.sock",
            "ROOST_CONTROL_SOCKET": self.folder / "control.sock",
            # What the tests do must not be in the files of whoever runs them.
            "DD_LOCAL_DB": "off",
            "DD_HOSTNAME": "acceptance-host",
            **({"DD_API_KEY": API_KEY, **forwarding_to(f"http://127.0.0.1:{intake}")} if intake else {}),
            **variables}
        self.file.write_text(configuration)
        if listens(self.port):
            raise AssertionError(f"port {self.port} is taken: another agent would be tested in roost's place")
        super().__init__([*command, binary, "serve", "--config", self.file], self.folder / "agent.log", **self.variables)
        try:
            # What comes last of what it opens.
            wait_until(lambda: not self.running or listens(self.folder / "control.sock"), 10, "roost to listen")
            assert self.running, f"roost ended at once with {self.child.returncode}:\n{self.text()}"
        except AssertionError:
            self.__exit__()
            raise

    def __exit__(self, *_):
        try:
            super().__exit__()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def stop(self, **options):
        """SIGTERM; roost has 5 s to send what it holds, and one more to go."""
        status = super().stop(**{"seconds": 6, **options})
        assert "Sanitizer" not in self.text() and "Fatal error" not in self.text(), self.text()
        return status

    def ask(self, *arguments, codes=(0,)):
        """The JSON document that a command prints; `codes` are the exit codes that it may end with."""
        done = subprocess.run([str(BINARY), "--config", str(self.file), *arguments, "--json"], capture_output=True,
                              text=True, env=clean_environment(**self.variables), timeout=20)
        assert done.returncode in codes, f"roost {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        return json.loads(done.stdout)

    def command(self, *arguments):
        """What a command, or `roost` alone, prints for a person."""
        done = subprocess.run([str(BINARY), "--config", str(self.file), *arguments], capture_output=True, text=True,
                              env=clean_environment(**self.variables), timeout=20)
        assert done.returncode == 0, f"roost {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def services(self):
        """{service: (hits, errors)}"""
        document = self.ask("services")
        assert document["schema"] == "roost.services.v1"
        return _totals(document["services"], lambda row: row["service"])

    def resources(self, service):
        """{(operation, resource): (hits, errors)} of the entry spans"""
        # A service that has not arrived yet is unknown, which is code 1.
        document = self.ask("resources", service, codes=(0, 1))
        assert document["schema"] == "roost.resources.v1" and document["service"] == service
        return _totals(document["resources"], lambda row: (row["operation"], row["resource"]))

    def resident_mb(self):
        """Resident memory now, in MB (Linux)."""
        for line in pathlib.Path(f"/proc/{self.child.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise AssertionError("no VmRSS")


def _totals(rows, key):
    totals = {}
    for row in rows:
        assert key(row) not in totals, f"two rows for {key(row)}: {rows}"
        totals[key(row)] = (row["hits"], row["errors"])
    return totals


class Intake(Process):
    """The mock intake of the benchmarks: keeps every body, and fails as told."""

    def __init__(self, port=None, *options):
        self.folder = short_folder()
        self.port, self.control = port or free_port(), free_port()
        self.kept = self.folder / "kept"
        super().__init__([BENCHMARKS / "intake", "-p", self.port, "-c", self.control, "-s", self.kept, *options],
                         self.folder / "intake.log")
        wait_until(lambda: not self.running or listens(self.control), 5, "the intake to listen")
        assert self.running, self.text()

    def __exit__(self, *_):
        super().__exit__()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _request(self, method, path):
        request = urllib.request.Request(f"http://127.0.0.1:{self.control}{path}", method=method)
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)

    def counts(self):
        return self._request("GET", "/__stats")

    def fault(self, query):
        return self._request("POST", f"/__fault?{query}")

    def received(self, bucket_s=10):
        """What arrived so far and was answered 2xx, as an `Arrived`; its statistics have buckets of `bucket_s`."""
        self.counts()  # flushes the index
        return Arrived(self.kept, bucket_s)


class Arrived:
    """Everything in an intake's folder that it answered 2xx, decoded."""

    def __init__(self, folder, bucket_s=10):
        self.bucket_ns = bucket_s * 10**9
        self.traces = collections.Counter()  # trace id -> times it arrived
        self.spans = 0
        self.payloads = collections.Counter()  # (kind, encoding) -> requests
        self._bodies = collections.defaultdict(list)
        self.statistics = collections.Counter()
        self.client_computed = set()  # whether statistics were computed by clients, of all payloads of them
        self.host_tags = set()  # those of all payloads of traces, and of all clients of statistics
        self.container_tags = {}  # container id of a payload of traces -> what it says of the container
        self.statistics_containers = set()
        self.services = collections.Counter()  # (service, operation, peer tags) -> hits
        for line in (folder / "index.tsv").read_text().splitlines():
            number, _, status, path, encoding, _, _ = line.split("\t")
            if not 200 <= int(status) < 300:
                self.payloads["rejected", status] += 1
                continue
            raw = _decompress((folder / f"{int(number):08d}.body").read_bytes(), encoding)
            kind = path.strip("/").split("/")[-1]
            self.payloads[kind, encoding] += 1
            self._bodies[kind].append((folder / f"{int(number):08d}.body", encoding))
            if kind == "traces":
                self._add_traces(raw)
            elif kind == "stats":
                self._add_statistics(msgpack.unpackb(raw, strict_map_key=False))

    def bodies(self, kind):
        """The bodies of `traces` or `stats`, decompressed."""
        return [_decompress(file.read_bytes(), encoding) for file, encoding in self._bodies[kind]]

    def _add_traces(self, raw):
        texts = lambda start, end: {field: raw[a:b].decode() for field, _, a, b in decode.fields(raw, start, end)}
        entries = [texts(start, end) for field, _, start, end in decode.fields(raw, 0, len(raw)) if field == 6]
        self.host_tags.add(frozenset(f"{entry[1]}:{entry.get(2, '')}" for entry in entries))
        for field, _, start, end in decode.fields(raw, 0, len(raw)):
            if field == 5:
                self._add_container(raw, list(decode.fields(raw, start, end)), texts)
        counted, ids = decode.Count(), {}
        decode.traces(raw, counted, ids)
        self.spans += counted.get("spans", 0)
        self.traces.update(ids)

    def _add_container(self, raw, fields, texts):
        ids = [raw[start:end].decode() for field, _, start, end in fields if field == 1]
        tags = [texts(start, end) for field, _, start, end in fields if field == 7]
        for id in ids:
            self.container_tags[id] = next((tag[2] for tag in tags if tag[1] == "_dd.tags.container"), None)

    def _add_statistics(self, payload):
        for client in payload["Stats"]:
            if client["ContainerID"]:
                self.statistics_containers.add(client["ContainerID"])
            self.host_tags.add(frozenset(client["Tags"] or ()))
            for bucket in client["Stats"]:
                # Buckets that clients counted begin at odd seconds, so that they never meet the agent's own.
                width, first = (2 * 10**9, 10**9) if payload["ClientComputed"] else (self.bucket_ns, 0)
                assert bucket["Start"] % width == first and bucket["Duration"] == self.bucket_ns, bucket["Start"]
                self.client_computed |= {payload["ClientComputed"]}
                for group in bucket["Stats"]:
                    self.services[group["Service"], group["Name"], *(group["PeerTags"] or ())] += group["Hits"]
                    self.statistics.update(
                        hits=group["Hits"], errors=group["Errors"], top_level=group["TopLevelHits"],
                        duration=group["Duration"], in_ok_sketches=sketch_count(group["OkSummary"]),
                        in_error_sketches=sketch_count(group["ErrorSummary"]))

    def assert_statistics(self, expected):
        """Hits, errors, top-level hits and durations are those expected, and every hit is in a sketch."""
        found = {name: self.statistics[name] for name in expected}
        assert found == expected
        assert self.statistics["in_ok_sketches"] == self.statistics["hits"] - self.statistics["errors"]
        assert self.statistics["in_error_sketches"] == self.statistics["errors"]


def sketch_count(raw):
    """How many values a protobuf DDSketch holds: positive bins (both encodings) and the zero count."""
    total = 0.0
    for field, wire, start, end in decode.fields(raw, 0, len(raw)):
        if field == 4 and wire == 1:
            total += struct.unpack_from("<d", raw, start)[0]
        elif field in (2, 3) and wire == 2:
            for inner, kind, first, last in decode.fields(raw, start, end):
                if inner == 2 and kind == 2:
                    total += sum(struct.unpack_from(f"<{(last - first) // 8}d", raw, first))
                elif inner == 1 and kind == 2:
                    total += sum(struct.unpack_from("<d", raw, at)[0]
                                 for number, how, at, _ in decode.fields(raw, first, last) if number == 2 and how == 1)
    return round(total, 6)


def _decompress(body, encoding):
    if encoding == "zstd":
        return zstandard.ZstdDecompressor().decompressobj().decompress(body)
    if encoding == "gzip":
        return gzip.decompress(body)
    assert encoding == "-", encoding
    return body
