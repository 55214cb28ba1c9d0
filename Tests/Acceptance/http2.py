"""A client of HTTP/2 that can behave, through h2, and misbehave, in frames that it writes itself."""
import socket

import h2.config
import h2.connection
import h2.events
import h2.settings
from hpack import Encoder
from hyperframe import frame as frames

TRACES = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
CALL = [(":method", "POST"), (":scheme", "http"), (":path", TRACES), (":authority", "a"), ("te", "trailers"),
        ("content-type", "application/grpc")]


def message(body):
    return b"\0" + len(body).to_bytes(4, "big") + body


class Strange:
    """A frame of a type that nobody knows."""

    def serialize(self):
        return b"\0\0\x03\xee\0\0\0\0\0abc"


class Client:
    """A connection whose frames are kept in order; what the server says of it is read with h2."""

    def __init__(self, port, settings=None, timeout=20):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding="utf-8"))
        if settings:
            self.h2.local_settings = h2.settings.Settings(client=True, initial_values=settings)
        self.h2.initiate_connection()
        self.encoder = Encoder()
        self.events = []
        self.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def flush(self):
        self.socket.sendall(self.h2.data_to_send())

    def read(self):
        """What has come since; none at the end of the connection."""
        piece = self.socket.recv(65536)
        events = self.h2.receive_data(piece) if piece else []
        self.events += events
        if self.h2.data_to_send and piece:
            try:
                self.flush()
            except OSError:
                pass
        return events if piece else None

    def call(self, body, chunk=16_384):
        """A call in pieces as the server's windows allow; the headers of its answer and its end, joined."""
        stream = self.h2.get_next_available_stream_id()
        self.h2.send_headers(stream, CALL)
        left = memoryview(message(body))
        while left:
            size = min(chunk, self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size)
            if size <= 0:
                self.flush()
                assert self.read() is not None, "the connection ended"
                continue
            piece, left = left[:size], left[size:]
            self.h2.send_data(stream, piece, end_stream=not left)
        self.flush()
        headers = {}
        while True:
            events = self.read()
            assert events is not None, "the connection ended"
            for event in events:
                if getattr(event, "stream_id", None) != stream:
                    continue
                if isinstance(event, (h2.events.ResponseReceived, h2.events.TrailersReceived)):
                    headers.update(event.headers)
                elif isinstance(event, h2.events.StreamReset):
                    return {**headers, "reset": int(event.error_code)}
                elif isinstance(event, h2.events.StreamEnded):
                    return headers

    # MARK: Misbehaving

    def send(self, *made):
        """Frames as they are; false when the server takes no more."""
        try:
            self.socket.sendall(b"".join(frame.serialize() for frame in made))
            return True
        except OSError:
            return False

    def headers(self, stream, fields=CALL, flags=("END_HEADERS",)):
        return frames.HeadersFrame(stream, self.encoder.encode(fields), flags=list(flags))

    def end(self):
        """Why the server ended the connection, as GOAWAY says it; none when it said nothing. Reads the frames itself: h2
        would rather judge them."""
        data = b""
        try:
            while piece := self.socket.recv(65536):
                data += piece
        except ConnectionResetError:
            pass
        code = None
        while len(data) >= 9:
            frame, length = frames.Frame.parse_frame_header(memoryview(data[:9]))
            if isinstance(frame, frames.GoAwayFrame):
                code = int.from_bytes(data[13:17], "big")
            data = data[9 + length:]
        return code


def floods():
    """By name, what a client sends again and again: a function of the client and of the round."""
    return {
        "rapid reset": lambda client, n: [client.headers(2 * n + 1), frames.RstStreamFrame(2 * n + 1, error_code=8)],
        "pings": lambda client, n: [frames.PingFrame(0, b"12345678")],
        "settings": lambda client, n: [frames.SettingsFrame(0, {4: 65_535 + n % 100})],
        "priorities": lambda client, n: [frames.PriorityFrame(2 * n + 1, depends_on=0, stream_weight=7)],
        "windows": lambda client, n: [frames.WindowUpdateFrame(0, 1)],
        "continuations": lambda client, n: [client.headers(1, flags=()) if n == 0 else frames.ContinuationFrame(1, b"")],
        "empty data": lambda client, n: [client.headers(1) if n == 0 else frames.DataFrame(1, b"")],
        "calls that never come": lambda client, n: [client.headers(2 * n + 1)],
        "strange frames": lambda client, n: [Strange()],
        "header bombs": lambda client, n: [
            # One entry of the table again and again: a byte each.
            client.headers(2 * n + 1, CALL + [("x", "y" * 3000)]) if n == 0 else frames.HeadersFrame(
                2 * n + 1, client.encoder.encode(CALL) + b"\xbe" * 15_000, flags=["END_HEADERS"])],
    }


def flood(client, made, rounds):
    """Sends rounds until there are no more or the server takes none."""
    for number in range(rounds):
        if not client.send(*made(client, number)):
            return
