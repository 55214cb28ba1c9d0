"""Writes texts that are JSON or nearly so as inputs of the fuzz target, behind a byte that says what is made sure of: the
doctor's evidence and the vectors."""
import json
import pathlib
import sys

from seedfolder import SeedFolder

READ, COMPACT, INDENTED = 0, 2, 3
fixtures = pathlib.Path(__file__).parent.parent / "fixtures"
seeds = SeedFolder(sys.argv[1])
for file in sorted((fixtures / "doctor").glob("*.json")):
    seeds.add(file.stem, file.read_bytes()[:4096], [INDENTED])
for number, case in enumerate(json.loads((fixtures / "vectors" / "json_computed.json").read_text())["cases"]):
    seeds.add(f"vector-{number}", bytes.fromhex(case["input"]), [(READ, COMPACT, INDENTED)[number % 3]])
seeds.add_words([b"true", b"false", b"null", b"\\u00e4", b"\\ud83d\\ude00", b"1e5", b"-0.0", b"18446744073709551615", b'"a":'])
