"""Writes seeds for the fuzzing of statistics that tracers compute: `client_statistics_seeds.py FOLDER`."""
import struct
import sys

from seedfolder import SeedFolder, words_of


def pack(value):
    """MessagePack of what the seeds are made of, small values only."""
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if value is None:
        return b"\xc0"
    if isinstance(value, int):
        return bytes([value]) if value < 128 else b"\xcf" + struct.pack(">Q", value)
    if isinstance(value, str):
        return b"\xd9" + bytes([len(value.encode())]) + value.encode()
    if isinstance(value, bytes):
        return b"\xc4" + bytes([len(value)]) + value
    if isinstance(value, list):
        return bytes([0x90 | len(value)]) + b"".join(map(pack, value))
    return b"\xde" + struct.pack(">H", len(value)) + b"".join(pack(part) for pair in value.items() for part in pair)


def field(number, payload):
    return bytes([number << 3 | 2, len(payload)]) + payload


def double(number, value):
    return bytes([number << 3 | 1]) + struct.pack("<d", value)


MAPPING = field(1, double(1, 1.01 / 0.99))
ROW = field(2, struct.pack("<3d", 1, 0, 2.5)) + b"\x18\x82\x0e"
PAIR = field(1, b"\x08\x05" + double(2, 0.5))
SKETCHES = {
    "empty": b"", "row": MAPPING + field(2, ROW), "pairs": MAPPING + field(2, PAIR + PAIR),
    "both": MAPPING + field(2, PAIR + ROW) + field(3, b"") + double(4, 3),
    "other-gamma": field(1, double(1, 1.5) + double(2, 0.5)) + field(2, ROW)}

seeds = SeedFolder(sys.argv[1])
for name, sketch in SKETCHES.items():
    group = {"Service": "web", "Name": "flask.request", "Resource": "GET /", "HTTPStatusCode": 200, "Type": "web",
             "DBType": "", "Hits": 3, "Errors": 1, "Duration": 2**40, "OkSummary": sketch, "ErrorSummary": b"",
             "Synthetics": False, "TopLevelHits": 3, "SpanKind": "server", "PeerTags": ["db.name:shop"], "IsTraceRoot": 1,
             "GRPCStatusCode": "", "HTTPMethod": "GET", "HTTPEndpoint": "/", "srv_src": "m", "other": [None, True]}
    sender = {"Hostname": "box", "Env": "test", "Version": "1", "Lang": "python", "TracerVersion": "4", "Sequence": 1}
    for count in (1, 2):
        bucket = {"Start": 2**60, "Duration": 10**10, "Stats": [group] * count}
        seeds.add(f"{name}-{count}", pack({**sender, "Stats": [bucket]}))
    few = {"Stats": [{"Start": 1, "Stats": [{"Hits": 3, "Service": "web", "OkSummary": sketch}] * 2}]}
    seeds.add(f"{name}-few", pack(few))
seeds.add_words([pack(word.decode()) for word in words_of("Decoding/ClientStatisticsField.swift")])
