"""MessagePack as the scripts for seeds need it: values are cut out of captured requests as they stand there."""
import struct

FIXED = {0xC0: 0, 0xC2: 0, 0xC3: 0, 0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8, 0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8,
         0xD4: 2, 0xD5: 3, 0xD6: 5, 0xD7: 9, 0xD8: 17}
BYTES = {0xC4: 1, 0xC5: 2, 0xC6: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4}
COUNTS = {0xDC: 2, 0xDD: 4, 0xDE: 2, 0xDF: 4}


def head(data, start):
    """Where the value at `start` goes on behind its own bytes, and how many values stand there that belong to it."""
    byte = data[start]
    if byte < 0x80 or byte >= 0xE0:
        return start + 1, 0
    if byte < 0x90:
        return start + 1, 2 * (byte & 15)
    if byte < 0xA0:
        return start + 1, byte & 15
    if byte < 0xC0:
        return start + 1 + (byte & 31), 0
    if byte in FIXED:
        return start + 1 + FIXED[byte], 0
    width = BYTES.get(byte) or COUNTS[byte]
    number = int.from_bytes(data[start + 1:start + 1 + width], "big")
    if byte in BYTES:
        return start + 1 + width + number, 0
    return start + 1 + width, number * (2 if byte >= 0xDE else 1)


def end(data, start):
    position, count = head(data, start)
    for _ in range(count):
        position = end(data, position)
    return position


def parts(data):
    """The values within an array or a map, as bytes: of a map its keys and values in turn."""
    position, count = head(data, 0)
    values = []
    for _ in range(count):
        following = end(data, position)
        values.append(data[position:following])
        position = following
    return values


def pairs(data):
    values = parts(data)
    return list(zip(values[::2], values[1::2]))


def text(data):
    """The bytes of a text."""
    byte = data[0]
    return data[1 + (0 if 0xA0 <= byte < 0xC0 else BYTES[byte]):]


def integer(data):
    byte = data[0]
    return byte if byte < 0x80 else int.from_bytes(data[1:], "big")


def array(values):
    return (bytes([0x90 | len(values)]) if len(values) < 16 else b"\xdc" + struct.pack(">H", len(values))) + b"".join(values)


def table(entries):
    front = bytes([0x80 | len(entries)]) if len(entries) < 16 else b"\xde" + struct.pack(">H", len(entries))
    return front + b"".join(key + value for key, value in entries)


def number(value):
    return bytes([value]) if value < 128 else b"\xcd" + struct.pack(">H", value)
