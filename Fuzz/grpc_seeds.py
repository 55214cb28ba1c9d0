"""Writes what clients of gRPC send as inputs of the fuzz target: a byte that says how they come, then
frames of HTTP/2."""
import sys

from seedfolder import SeedFolder

seeds = SeedFolder(sys.argv[1])
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind, flags=0, stream=0, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def block(*fields):
    return b"".join(b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value for name, value in fields)


# Method, scheme and path from HTTP/2's own table, as encoders write them.
CALL = b"\x83\x86" + block((b":path", b"/a.B/C"), (b":authority", b"a"), (b"content-type", b"application/grpc"), (b"te", b"trailers"))
INDEXED = b"\x83\x86\x44\x06/a.B/C\x5f\x10application/grpc"
GZIP = CALL + block((b"grpc-encoding", b"gzip"))


def message(body, flag=0):
    return bytes([flag]) + len(body).to_bytes(4, "big") + body


def headers(stream, fields=CALL, flags=4):
    return frame(1, flags, stream, fields)


def data(stream, body, flags=1):
    return frame(0, flags, stream, body)


def call(stream, body=b"hello", fields=CALL, flag=0):
    return headers(stream, fields) + data(stream, message(body, flag))


settings = frame(4, 0, 0, bytes([0, 4, 0, 0, 0, 0, 0, 3, 0, 0, 0, 9]))
INPUTS = {
    "call": call(1), "indexed": call(1, fields=INDEXED), "gzip": call(1, b"xyz", GZIP, 1), "empty": call(1, b""),
    "three": call(1) + call(3, b"odd") + call(5, b"x" * 300),
    "between": headers(1) + headers(3) + data(3, message(b"ab")[:6], 0) + data(1, message(b"cd")) + data(3, b"b"),
    "pieces": headers(1) + b"".join(data(1, bytes([byte]), 0) for byte in message(b"hello")) + data(1, b""),
    "large": headers(1) + data(1, message(bytes(6000))[:4000]), "two": headers(1) + data(1, message(b"a") + message(b"b")),
    "reset": headers(1) + data(1, message(b"abc")[:6], 0) + frame(3, 0, 1, bytes([0, 0, 0, 8])) + call(3),
    "continued": headers(1, CALL[:20], 0) + frame(9, 0, 1, CALL[20:40]) + frame(9, 4, 1, CALL[40:]) + data(1, message(b"x")),
    "padded": frame(1, 12, 1, b"\3" + CALL + bytes(3)) + frame(0, 9, 1, b"\2" + message(b"x") + bytes(2)),
    "priority": frame(1, 0x24, 1, bytes([0, 0, 0, 0, 9]) + CALL) + frame(2, 0, 1, bytes(5)) + data(1, message(b"x")),
    "window": settings + call(1) + frame(8, 0, 1, bytes([0, 0, 0, 4])) + frame(8, 0, 1, bytes([0, 0, 9, 0])) + frame(4, 1),
    "trailers": headers(1) + data(1, message(b"x"), 0) + headers(1, block((b"a", b"b")), 5),
    "pings": frame(6, 0, 0, b"12345678") * 3 + frame(6, 1, 0, b"12345678") + call(1),
    "go away": call(1) + frame(7, 0, 0, bytes(8)) + call(3), "strange": frame(0xEE, 0xFF, 1, b"abc") + call(1),
    "no call": headers(1, b"\x82\x86\x84", 5) + call(3), "table": headers(1, b"\x3f\xe1\x1f" + CALL) + data(1, message(b"x")),
}
for name, body in INPUTS.items():
    seeds.add(name, body, (0x00, 0x50, 0x3A, 0x28, 0x70))
    seeds.add(f"{name}-whole", PREFACE + settings + body, [0x31, 0x61, 0xD1])
words = [b"POST", b"application/grpc+proto", b"content-type", b"grpc-encoding", b"identity", b"gzip", b"grpc-timeout", b":path", b"te", PREFACE]
seeds.add_words(words + [headers(1), headers(3), data(1, message(b"a")), frame(3, 0, 1, bytes(4)), frame(6, 0, 0, bytes(8)), settings])
