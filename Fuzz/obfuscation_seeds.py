"""Writes the vectors of obfuscation as inputs of the fuzz target, each behind two bytes: what it is, and how it is taken."""
import json
import pathlib
import sys

from seedfolder import SeedFolder, words_of

SQL, JSON, COMMANDS, URL, ERRORS, TAGS = 0, 3, 4, 5, 6, 7
# Commands of the other store.
VALKEY = 8
vectors = pathlib.Path(__file__).parent.parent / "fixtures" / "vectors"
seeds = SeedFolder(sys.argv[1])


def inputs(name):
    groups = json.loads((vectors / f"{name}.json").read_text())["groups"]
    return [case["input"].encode("utf-8", "surrogatepass") for group in groups for case in group["cases"]]


for name, kind, ways in [("sql", SQL, 64), ("json_obfuscation", JSON, 240), ("redis", COMMANDS, 8), ("http_url", URL, 4), ("memcached", TAGS, 1)]:
    for number, text in enumerate(inputs(name)):
        # All dialects and all ways of each kind, if not of each text.
        dialect = number % 7 << 3 if kind == SQL else 0
        if kind == COMMANDS and number % 4 == 0:
            seeds.add(f"valkey-{number}", bytes([number // 4 % ways]) + text[:4000], [kind | VALKEY])
        seeds.add(f"{name}-{number}", bytes([5 * number % ways]) + text[:4000], [kind | dialect])
        if kind == JSON and number % 4 == 0:
            seeds.add(f"plan-{number}", bytes([240 + number // 4 % 2]) + text[:4000], [kind])
for number, text in enumerate([
        b'duplicate key value violates unique constraint "users_email_key"\nDETAIL:  Key (email)=(x@y.z) already exists.',
        b"(1062, \"Duplicate entry 'a''b' for key 'users.email'\")",
        b'(psycopg2.errors.UniqueViolation) x\n[SQL: INSERT INTO t VALUES (%s)]\n[parameters: (\'a\', 7)]\n(Background: https://sqlalche.me/e/20/gkpj)',
        b'syntax error at or near "selec"\nLINE 1: selec 1\n        ^', b"near 'x' at line 1", b'ORA-00001: unique constraint (S.PK) violated',
        "Duplicate entry '\u00e4\t\U0001f600' for key 'k'".encode(),
        b'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    g("x")\nE: a', b'E11000 duplicate key error collection: t.u index: e dup key: { e: "x" }']):
    event = json.dumps([{"name": "exception", "time_unix_nano": 1, "attributes": {
        "exception.type": "psycopg.errors.E", "exception.message": text.decode(), "exception.stacktrace": text.decode()}}])
    seeds.add(f"error-{number}", b"\0" + text, [ERRORS])
    seeds.add(f"events-{number}", bytes([1 + number % 2 * 2]) + event.encode(), [ERRORS])
    seeds.add(f"events-cut-{number}", b"\1" + event.encode()[:-20], [ERRORS])
for number, text in enumerate([b"4242-4242-4242-4242", b"378282246310005", b" 6011 1111 1111 1117", b"psycopg.errors.UniqueViolation", b"dup key: {"]):
    for way in (1, 2, 3):
        seeds.add(f"tag-{number}-{way}", bytes([way]) + text, [TAGS])
words = words_of(
    "Obfuscation/SQL/SQLKeyword.swift", "Obfuscation/Redis/RedisOptions.swift", "Obfuscation/Redis/RedisQuantizer.swift",
    "Obfuscation/Redis/RedisArguments.swift", "Obfuscation/Redis/RedisObfuscator.swift", "Obfuscation/JSONBodies/SQLPlanKeys.swift",
    "Obfuscation/Errors/DatabaseErrorText.swift", "Obfuscation/Errors/DatabaseErrorPhrases.swift", pattern=r"[^%]+")
seeds.add_words(words + [b"SELECT", b"FROM", b"WHERE", b"INSERT INTO", b"VALUES (", b"/*", b"*/", b"--", b"$$", b"$func$", b"q'[", b"E'", b"''", b"\\'"])
