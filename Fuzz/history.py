"""Writes the last inputs of a run as files, the one that it ended with last: `history.py TARGET-history FOLDER`."""
import pathlib
import struct
import sys

# As History.swift has them.
SLOT_BYTES, HEAD_BYTES = 1032, 8
history, folder = map(pathlib.Path, sys.argv[1:])
folder.mkdir(parents=True)
data = history.read_bytes()
inputs = []
for start in range(0, len(data), SLOT_BYTES):
    count, number = struct.unpack_from("<II", data, start)
    if number:
        inputs.append((number, data[start + HEAD_BYTES:start + HEAD_BYTES + count]))
for place, (_, body) in enumerate(sorted(inputs)):
    (folder / f"{place:04}").write_bytes(body)
