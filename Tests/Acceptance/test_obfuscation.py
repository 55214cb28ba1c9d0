"""What an app's queries hold of its data is seen nowhere: not at the intake, not in the tables, the store or the log."""
import subprocess

import pytest

import databases
import environments
from agent import BINARY, Agent, Intake, _decompress
from processes import App, clean_environment, wait_until

pytestmark = pytest.mark.linux

# Literals of the app's statements, and what else its spans hold of its data.
SECRETS = ["secret-literal-value", "4711001", "4111 1111"]
RESOURCES = {
    "SELECT * FROM t WHERE name = ? AND id * ? < ?", "SELECT name FROM t WHERE id * ? > ? AND name <> ?", "RPUSH GET",
    "INSERT INTO t VALUES ( ? )", "SELECT * FROM t WHERE name = ? AND id IN ( ? )",
    "SELECT a FROM t WHERE b = ? LIMIT ?", "select a from t where b in ( ? )", "Non-parsable SQL query", "SET", "HSET"}


def bodies(intake):
    """Everything that the intake was sent, decompressed."""
    intake.counts()
    for line in (intake.kept / "index.tsv").read_text().splitlines():
        number, _, _, _, encoding, _, _ = line.split("\t")
        yield _decompress((intake.kept / f"{int(number):08d}.body").read_bytes(), encoding)


def test_no_literal_of_a_traced_app_is_seen_anywhere(harness, tmp_path):
    client = environments.Client("4.16", "3.13")
    try:
        environment = environments.environment(client)
        drivers = environments.environment(environments.DATABASES) / "lib" / "python3.13" / "site-packages"
    except environments.PythonMissing as missing:
        pytest.skip(f"{client}: {missing}")
    with databases.postgresql(tmp_path) as postgres, databases.redis(tmp_path) as redis, Intake() as intake, Agent(
            intake=intake.port, DD_LOCAL_DB=tmp_path / "roost.db", DD_LOG_LEVEL="debug") as agent, \
            App(environment, "rich_app.py", agent.port, tmp_path / "app.log", POSTGRES=postgres, REDIS_PORT=redis,
                PYTHONPATH=drivers) as app:
        for path in ("/sql", "/postgres", "/keys", "/secrets"):
            assert app.get(path) == 200, app.text()

        def resources():
            return {row["resource"] for service in agent.services() for row in agent.ask("resources", service)["resources"]}

        wait_until(lambda: RESOURCES <= resources(), 30, "the statements to be shown")

        def stored():
            return [agent.command("trace", row["trace_id"], "-v") for row in agent.ask("traces")["traces"]]

        wait_until(lambda: any("http://shop.example/a" in text for text in stored()), 10, "both requests to be stored")
        traces = stored()
        shown = [agent.command("info", "-v"), *(agent.command("resources", name) for name in agent.services()), *traces]
        app.stop()
        assert agent.stop() == 0
        sent = list(bodies(intake))
        assert any(b"SELECT a FROM t WHERE b = ? LIMIT ?" in body for body in sent)
        places = [body.decode(errors="replace") for body in sent] + shown + [agent.text()]
        for secret in SECRETS:
            assert not [text for text in places if secret in text], secret


def test_people_can_try_their_rules():
    def obfuscate(kind, text, *words, **variables):
        done = subprocess.run([str(BINARY), "obfuscate", kind, *words], input=text, capture_output=True, text=True,
                              env=clean_environment(**variables), timeout=20)
        return done.returncode, done.stdout

    assert obfuscate("sql", "SELECT 1\n") == (0, "SELECT ?\n")
    assert obfuscate("sql", "SELECT '") == (1, "Non-parsable SQL query\n")
    assert obfuscate("sql", "SELECT  'a',\n 1", DD_APM_SQL_OBFUSCATION_MODE="obfuscate_only") == (0, "SELECT  ?,\n ?\n")
    assert obfuscate("sql", "SELECT [a b]", "--dbms", "mssql") == (0, "SELECT a b\n")
    assert obfuscate("redis", "SET k v", DD_APM_OBFUSCATION_REDIS_REMOVE_ALL_ARGS="true") == (0, "SET ?\n")
    assert obfuscate("mongodb", '{"a": 1, "b": 2}', DD_APM_OBFUSCATION_MONGODB_KEEP_VALUES="b") == (0, '{"a":"?","b":2}\n')
    assert obfuscate("http", "http://u:p@h/1?q", DD_APM_OBFUSCATION_HTTP_REMOVE_QUERY_STRING="1") == (0, "http://h/1?\n")
