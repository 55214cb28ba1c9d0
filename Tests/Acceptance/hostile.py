"""What a local process can do to an agent: each a `with` that goes on until its end. All that is random has a seed."""
import itertools
import random
import socket
import threading

import msgpack

import crafted

HEAD = b"POST /v0.4/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/msgpack\r\n"


def request(body, *headers):
    """The bytes of a whole request with traces."""
    lines = b"".join(line.encode() + b"\r\n" for line in headers)
    return HEAD + lines + b"Content-Length: %d\r\n\r\n" % len(body) + body


def spans(count, seed=0, **fields):
    """One trace of `count` spans; a field is a value, or a function of the span's number."""
    ids = random.Random(seed)
    trace_id = ids.getrandbits(62) + 1
    made = []
    for number in range(count):
        span = {"trace_id": trace_id, "span_id": ids.getrandbits(62) + 1, "parent_id": 0, "service": "hostile", "name": "job",
                "resource": "r", "type": "web", "start": 1_700_000_000_000_000_000, "duration": 1_000_000, "error": 0,
                "meta": {}, "metrics": {"_sampling_priority_v1": 1}}
        span.update({name: value(number) if callable(value) else value for name, value in fields.items()})
        made.append(span)
    return made


def exchange(port, sent, timeout=20, when_sent=lambda: None):
    """All that comes back on a connection of its own."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as client:
        try:
            client.sendall(sent)
            client.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        when_sent()
        answer = b""
        try:
            while piece := client.recv(65536):
                answer += piece
        except ConnectionResetError:
            pass
        return answer


def post(port, body, *headers, timeout=20):
    """The status of one request; None when none came."""
    return status(exchange(port, request(body, "Connection: close", *headers), timeout))


def status(answer):
    """That of an answer; None when none came."""
    return int(answer.split()[1]) if answer.startswith(b"HTTP/1.1 ") else None


class Squatters:
    """Connections that say nothing, or begin to and never end; who is thrown out comes back."""

    OPENINGS = (b"", b"P", b"POST /v0.4/traces HTTP/1.1\r\nHost", HEAD + b"Content-Length: 100\r\n\r\n\x91")

    def __init__(self, port, connections, opening=b"", comes_back=False):
        self.port, self.opening = port, opening
        self.clients = [self._connect() for _ in range(connections)]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._dribble) if comes_back else None

    def _connect(self):
        client = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        if self.opening:
            client.sendall(self.opening)
        client.setblocking(False)
        return client

    def __enter__(self):
        if self._thread:
            self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        if self._thread:
            self._thread.join()
        for client in self.clients:
            client.close()

    def _dribble(self):
        """A byte of the head now and then, on one connection after the other."""
        for place in itertools.cycle(range(len(self.clients))):
            if self._stop.wait(0.001):
                return
            try:
                self.clients[place].send(b"a")
                if self.clients[place].recv(4096) == b"":
                    raise ConnectionResetError
            except BlockingIOError:
                pass
            except OSError:
                self.clients[place].close()
                try:
                    self.clients[place] = self._connect()
                except OSError:
                    pass


def lots(seed):
    """Bodies and headers that are made to be dear or to lie, without end: (name, body, headers)."""
    chance = random.Random(seed)

    def pack(*traces):
        return msgpack.packb(list(traces))

    wide = pack(spans(4_000, seed, resource=lambda n: f"wide {n // 4}", error=lambda n: n % 2,
                      duration=lambda n: 1 if n % 4 < 2 else 800_000_000_000_000_000))
    ids = crafted.one_trace(crafted.colliding_ids(20_000, seed))
    resources = crafted.one_span_each(crafted.colliding_resources(2_000, seed))
    names = pack(spans(5_000, seed, resource=lambda n: f"GET /users/{chance.getrandbits(40)}"))
    weights = pack(spans(200, seed, metrics={"_sample_rate": 5e-324, "_sampling_priority_v1": 1}))
    marks = pack(spans(200, seed, service=lambda n: "we\u00adb" + "\u0301" * n, resource="\u202e\u3164\x1b[2J"))
    while True:
        yield "sketches as wide as they get", wide, ()
        yield "span ids that were made to meet", ids, ()
        yield "resources that were made to meet", resources, ()
        yield "ids in resource names", names, ()
        yield "rates that stand for everything", weights, ()
        yield "names that cannot be read", marks, ()
        yield "an announced count", b"\x93", ("X-Datadog-Trace-Count: 9223372036854775807",)
        yield "a bomb", b"\xdd\xff\xff\xff\xff" * 1_000, ()
        yield "noise", chance.randbytes(10_000), ()


BROKEN_HEADS = (
    b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n\x90", b"Content-Length: -1\r\n\r\n",
    b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"X: a\n\r\n", b"X: a\x00b\r\n\r\n", b"X: a\r\n b\r\n\r\n")
PAGES = (
    ("Origin: https://shop.example",), ("Origin: null",), ("Sec-Fetch-Site: same-site",), ("Sec-Fetch-Site: cross-site",),
    ("Origin: http://x", "Sec-Fetch-Site: same-origin"))


class Senders:
    """Threads that send `lots`, broken heads and what web pages would, one after the other, and count the answers."""

    def __init__(self, port, threads, seed):
        self.port, self.answers = port, {}
        self._stop, self._lock = threading.Event(), threading.Lock()
        self._threads = [threading.Thread(target=self._run, args=(seed + number,)) for number in range(threads)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, seed):
        chance = random.Random(seed)
        for name, body, headers in lots(seed):
            if self._stop.is_set():
                return
            try:
                self._count(name, post(self.port, body, *headers))
                broken = exchange(self.port, HEAD + chance.choice(BROKEN_HEADS))
                self._count("a broken head", int(broken.split()[1]) if broken else None)
                self._count("a page", post(self.port, b"\x90", *chance.choice(PAGES)))
            except OSError as failure:
                self._count(name, type(failure).__name__)

    def _count(self, name, answer):
        with self._lock:
            answers = self.answers.setdefault(name, {})
            answers[answer] = answers.get(answer, 0) + 1


class LargeBodies:
    """Clients that all send one large body at the same time; `statuses` has their answers when the `with` ends."""

    def __init__(self, port, clients, megabytes=22, byte=None):
        # One span with an attribute that is cut: quick to read, so that only its size counts.
        size = int(megabytes * (1 << 20))
        text = "x" * size
        body = byte * size if byte else msgpack.packb([spans(1, 7, meta={"text": text})])
        # Made once, and not for each of many clients.
        self.request = request(body, "Connection: close")
        self.port, self.statuses = port, []
        self._threads = [threading.Thread(target=self._run) for _ in range(clients)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        for thread in self._threads:
            thread.join()

    def _run(self):
        try:
            self.statuses.append(status(exchange(self.port, self.request, timeout=60)))
        except OSError as failure:
            self.statuses.append(type(failure).__name__)
