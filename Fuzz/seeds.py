"""Writes the captured requests as inputs of the fuzz target: the body, then a byte that says its format."""
import base64
import json
import pathlib
import sys

fixtures = pathlib.Path(__file__).parent.parent / "fixtures" / "captured"
target = pathlib.Path(sys.argv[1])
target.mkdir(parents=True, exist_ok=True)
for file in sorted(fixtures.glob("*-traces-*.json")):
    if file.name.endswith(".expected.json"):
        continue
    request = json.loads(file.read_text())
    choice = b"\1" if request["path"].startswith("/v0.5/") else b"\0"
    (target / file.stem).write_bytes(base64.b64decode(request["body"]) + choice)
