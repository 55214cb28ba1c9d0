"""Writes the vectors of obfuscation as inputs of the fuzz target, each behind the byte that says what it is."""
import json
import pathlib
import sys

vectors = pathlib.Path(__file__).parent.parent / "fixtures" / "vectors"
target = pathlib.Path(sys.argv[1])
target.mkdir(parents=True, exist_ok=True)
for name, choices in {"sql": range(4), "json_obfuscation": [4, 5], "redis": [6, 14], "http_url": [7, 55]}.items():
    groups = json.loads((vectors / f"{name}.json").read_text())["groups"]
    inputs = [case["input"] for group in groups for case in group["cases"]]
    for number, text in enumerate(inputs):
        choice = choices[number % len(choices)]
        data = text.encode("utf-8", "surrogatepass")[:4000]
        (target / f"{name}-{number}").write_bytes(bytes([choice]) + data)
