"""HTTP/2 as another implementation speaks it, and clients that misbehave: bounded, told why, and no harm to others."""
import concurrent.futures
import pathlib
import struct

import pytest
from hyperframe import frame as frames

import http2
from agent import Agent
from processes import wait_until

pytestmark = pytest.mark.linux


def field(number, body):
    return bytes([number << 3 | 2]) + varint(len(body)) + body


def varint(number):
    made = b""
    while number >= 128:
        made, number = made + bytes([number & 127 | 128]), number >> 7
    return made + bytes([number])


def export(count=1, service=b"neighbour", pad=0):
    """A request with spans of one trace."""
    resource = field(1, field(1, b"service.name") + field(2, field(1, service)))
    spans = b"".join(field(2, field(1, bytes(range(16))) + field(2, struct.pack(">Q", number + 1)) + field(5, b"GET /")
                           + field(9, field(1, b"pad") + field(2, field(1, b"x" * pad)))) for number in range(count))
    return field(1, field(1, resource) + field(2, spans))


@pytest.fixture(scope="module")
def agent():
    with Agent(DD_APM_RECEIVER_TIMEOUT="2") as agent:
        yield agent


def connections(agent):
    return agent.ask("info")["connections"]


@pytest.mark.parametrize("chunk", [1, 100, 16_384])
def test_another_implementation_makes_calls(agent, chunk):
    with http2.Client(agent.port) as client:
        for count in (1, 10):
            answer = client.call(export(count), chunk)
            assert (answer[":status"], answer["grpc-status"]) == ("200", "0"), answer
            assert answer["content-type"] == "application/grpc"


def test_the_library_is_opened_with_the_first_call():
    # libcurl has it too, and is not there without a key.
    with Agent() as agent:
        def is_open():
            return "libnghttp2" in pathlib.Path(f"/proc/{agent.child.pid}/maps").read_text()

        assert not is_open()
        with http2.Client(agent.port) as client:
            assert client.call(export())["grpc-status"] == "0"
        assert is_open()


def test_a_large_message_comes_through_the_windows(agent):
    before = agent.ask("info")["received"]
    body = export(20_000, pad=900)
    assert 18 << 20 < len(body) < 25 << 20
    with http2.Client(agent.port) as client:
        assert client.call(body)["grpc-status"] == "0"
    after = agent.ask("info")["received"]
    assert (after["spans"] - before["spans"], after["bytes"] - before["bytes"]) == (20_000, len(body))


@pytest.mark.parametrize("name", http2.floods())
def test_a_flood_ends_in_goaway_and_harms_nobody(agent, name):
    made = http2.floods()[name]
    with http2.Client(agent.port) as neighbour:
        assert neighbour.call(export())["grpc-status"] == "0"
        before, malformed = agent.resident_mb(), connections(agent)["malformed"]
        for _ in range(5):
            with http2.Client(agent.port) as client:
                http2.flood(client, made, 1_500)
                # Only header bombs are so large that a client can be cut off before it could read why.
                assert client.end() in ((11, None) if name == "header bombs" else (11,))
        assert connections(agent)["malformed"] >= malformed + 5
        assert agent.resident_mb() < before + 20
        assert neighbour.call(export())["grpc-status"] == "0"


def test_a_client_learns_why_its_flood_has_ended(agent):
    with http2.Client(agent.port) as client:
        client.send(*[frames.PingFrame(0, b"12345678")] * 1_100)
        assert client.end() == 11


def test_rules_that_are_broken_end_the_connection_with_their_code(agent):
    broken = {
        1: [frames.DataFrame(3, b"x")], 3: [frames.WindowUpdateFrame(0, 2**31 - 1)],
        9: [frames.HeadersFrame(1, b"\xff\xff\xff\xff", flags=["END_HEADERS"])],
    }
    for code, made in broken.items():
        with http2.Client(agent.port) as client:
            client.send(*made)
            assert client.end() == code, made


def test_an_answer_that_is_not_taken_ends_the_connection_and_a_message_that_does_not_come_the_call(agent):
    # A window of nothing.
    with http2.Client(agent.port, settings={4: 0}) as client:
        client.send(client.headers(1), frames.DataFrame(1, http2.message(export()), flags=["END_STREAM"]))
        assert client.end() is None
    with http2.Client(agent.port) as client:
        client.send(client.headers(1), frames.DataFrame(1, http2.message(export())[:20]))
        wait_until(lambda: agent.ask("info")["refused"].get("timeout"), 10, "the call to be ended")


def test_many_connections_that_say_nothing_keep_nobody_out(agent):
    clients = [http2.Client(agent.port) for _ in range(400)]
    try:
        with http2.Client(agent.port) as client:
            assert client.call(export())["grpc-status"] == "0"
        assert connections(agent)["gave_way"] > 0
    finally:
        for client in clients:
            client.socket.close()
    wait_until(lambda: connections(agent)["open"] < 5, 10, "the connections to be gone")


def test_messages_that_are_announced_and_never_come_take_no_memory(agent):
    """A hundred calls on each of ten connections, each of which announces 25 MB."""
    before = agent.resident_mb()
    clients = [http2.Client(agent.port) for _ in range(10)]
    try:
        for client in clients:
            for number in range(100):
                client.send(client.headers(2 * number + 1), frames.DataFrame(2 * number + 1, b"\0\x01\x80\0\0" + bytes(10)))
        with http2.Client(agent.port) as client:
            assert client.call(export())["grpc-status"] == "0"
        assert connections(agent)["body_bytes_in_flight"] < 20 << 20
        assert agent.resident_mb() < before + 60
    finally:
        for client in clients:
            client.socket.close()
    wait_until(lambda: connections(agent)["body_bytes_in_flight"] == 0, 10, "the room to be given back")
    with http2.Client(agent.port) as client:
        assert client.call(export())["grpc-status"] == "0"


def test_headers_of_calls_that_never_come_take_little_memory(agent):
    """A hundred calls on each of fifty connections, each with 30 kB of headers in ten bytes."""
    before = agent.resident_mb()
    clients = [http2.Client(agent.port) for _ in range(50)]
    try:
        for client in clients:
            # The first one puts an entry into the table of headers.
            client.send(client.headers(1, http2.CALL + [("x", "y" * 3000)]))
            for number in range(1, 100):
                block = client.encoder.encode(http2.CALL) + b"\xbe" * 10
                client.send(frames.HeadersFrame(2 * number + 1, block, flags=["END_HEADERS"]))
        with http2.Client(agent.port) as client:
            assert client.call(export())["grpc-status"] == "0"
        assert agent.resident_mb() < before + 60
    finally:
        for client in clients:
            client.socket.close()


def test_what_is_no_call_is_told_so(agent):
    with http2.Client(agent.port) as client:
        client.h2.send_headers(1, [(":method", "GET"), (":scheme", "http"), (":path", "/info"), (":authority", "a")],
                               end_stream=True)
        client.flush()
        while not any(getattr(event, "headers", None) for event in client.events):
            assert client.read() is not None
        assert dict(next(event.headers for event in client.events if getattr(event, "headers", None)))[":status"] == "415"
    wait_until(lambda: agent.ask("info")["refused"].get("not_grpc"), 5, "it to be counted")


def test_clients_of_both_protocols_share_the_port(agent):
    def calls(_):
        with http2.Client(agent.port) as client:
            return {client.call(export(5))["grpc-status"] for _ in range(50)}
    before = agent.ask("info")["received"]["spans"]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert set().union(*pool.map(calls, range(8))) == {"0"}
    assert agent.ask("info")["received"]["spans"] == before + 8 * 50 * 5
