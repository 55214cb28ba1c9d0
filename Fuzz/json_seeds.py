"""Writes texts that are JSON or nearly so as inputs of the fuzz target: the doctor's evidence and the vectors."""
import json
import pathlib
import sys

fixtures = pathlib.Path(__file__).parent.parent / "fixtures"
target = pathlib.Path(sys.argv[1])
target.mkdir(parents=True, exist_ok=True)
for file in sorted((fixtures / "doctor").glob("*.json")):
    (target / file.stem).write_bytes(file.read_bytes()[:4096])
for number, case in enumerate(json.loads((fixtures / "vectors" / "json_computed.json").read_text())["cases"]):
    (target / f"vector-{number}").write_bytes(bytes.fromhex(case["input"]))
