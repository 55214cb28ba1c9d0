"""A host whose datadog.yaml has grown for years: roost starts with it as the agent did that it replaces."""
import json
import re
import subprocess

import pytest

from agent import BINARY, Agent, Intake
from processes import APPS, clean_environment, wait_until

OLD_FILE = """hostname_file: {folder}/hostname
bind_host: 0.0.0.0
site: datadoghq.com
logs_config:
  a: 1
  a: 2
site: datadoghq.eu
"""


def old_file(folder):
    (folder / "hostname").write_text(" web-1.example.com \nthe second line\n")
    return OLD_FILE.format(folder=folder)


def test_it_starts_with_keys_that_stand_twice_and_with_the_name_of_a_file(tmp_path):
    with Agent(configuration=old_file(tmp_path), DD_HOSTNAME="") as agent:
        warnings = re.findall(rf"WARN {re.escape(str(agent.file))}:(.*)", agent.text())
        assert warnings == ["6: a: is already set on line 5; this one counts",
                            "7: site: is already set on line 3; this one counts"], agent.text()
        assert agent.ask("info")["hostname"] == "web-1.example.com"


def test_a_strict_start_is_refused_for_what_is_only_a_warning_otherwise(tmp_path):
    file = tmp_path / "datadog.yaml"
    file.write_text(old_file(tmp_path))
    done = subprocess.run([BINARY, "serve", "--strict", "--config", file], capture_output=True, text=True, timeout=20,
                          env=clean_environment(DD_LOCAL_DB="off"))
    assert done.returncode == 78, done
    assert f"{file}:7: site: is already set on line 3; this one counts" in done.stderr, done.stderr


@pytest.mark.parametrize("line, warning", [
    ("hostname_file: /nonexistent", "hostname_file: /nonexistent: No such file or directory"),
    ("local: {control_group: nobody-has-this}", 'there is no group "nobody-has-this"'),
    ("apm_config: {connection_limit: 5}", "no effect in roost: apm_config.connection_limit ({file}:1)")])
def test_a_strict_start_is_refused_for_what_is_found_at_the_start(tmp_path, line, warning):
    file = tmp_path / "datadog.yaml"
    file.write_text(line + "\n")
    done = subprocess.run([BINARY, "serve", "--strict", "--config", file], capture_output=True, text=True, timeout=20,
                          env=clean_environment(DD_LOCAL_DB="off"))
    assert done.returncode == 78 and warning.format(file=file) in done.stderr, done


def test_the_machines_tags_go_with_its_traces_and_statistics_and_find_them(tracer, tmp_path):
    tags = {"team:core", "env:prod", "region:eu", "rack:7"}
    with Intake() as intake, Agent(intake=intake.port, configuration="tags: [team:core, env:prod]",
                                   DD_EXTRA_TAGS="[region:eu, rack:7]", DD_LOCAL_DB=tmp_path / "local.db") as agent:
        assert "team" not in agent.text()
        subprocess.run([tracer / "python", APPS / "named_job.py", "shop"], check=True, timeout=30, cwd=tmp_path,
                       env=clean_environment(DD_TRACE_AGENT_URL=f"http://127.0.0.1:{agent.port}"))
        found = lambda *words: len(agent.ask("traces", *words, codes=(0, 1))["traces"])
        wait_until(lambda: found("--tag", "team=core") == 1, 10, "the trace to be stored")
        assert [found("--tag", tag) for tag in ("team", "rack=7", "team=other", "env=dev")] == [1, 1, 0, 0]
        assert [found(query) for query in ("NOT team:core", "NOT team:other", "team:core OR service:x")] == [0, 1, 1]
        assert [row["env"] for row in agent.ask("services")["services"]] == ["prod"]
        assert agent.stop() == 0, agent.text()
        arrived = intake.received()
        assert arrived.host_tags == {frozenset(tags)} and {kind for kind, _ in arrived.payloads} == {"traces", "stats"}


def test_traces_are_dropped_by_tags_of_their_root_and_counted_by_rule(tracer, tmp_path):
    with Intake() as intake, Agent(intake=intake.port, DD_APM_FILTER_TAGS_REJECT='["outcome:probe","x"]',
                                   configuration="apm_config: {filter_tags: {require: [team]}}") as agent:
        for service, tags in ("shop", "team:core"), ("prober", "team:core,outcome:probe"), ("nobody", "a:b"):
            subprocess.run([tracer / "python", APPS / "named_job.py", service], check=True, timeout=30, cwd=tmp_path,
                           env=clean_environment(DD_TRACE_AGENT_URL=f"http://127.0.0.1:{agent.port}", DD_TAGS=tags))
        wait_until(lambda: agent.ask("info")["received"]["traces"] == 3, 10, "the traces")
        info = agent.ask("info")
        assert {rule: counts["spans"] for rule, counts in info["filtered"].items()} == {
            "filter_tags_reject outcome:probe": 2, "filter_tags_require team": 2}
        assert info["dropped"] == {reason: {"payloads": 0, "bytes": 0, "traces": 1, "spans": 2}
                                   for reason in ("filter_tags_reject", "filter_tags_require")}
        assert "filter_tags_reject outcome:probe" in agent.command("info", "-v")
        assert agent.services() == {"shop": (1, 0)}
        assert agent.stop() == 0, agent.text()
        arrived = intake.received()
        assert arrived.spans == 2 and {service for service, *_ in arrived.services} == {"shop"}


def test_either_text_for_everywhere_is_reached_over_both_families(machine, tmp_path):
    for host, port in ("0.0.0.0", 8126), ("::", 9126):
        machine.start(BINARY, "serve", ready=f"listening on [::]:{port}", DD_BIND_HOST=host, DD_APM_RECEIVER_PORT=port,
                      DD_APM_RECEIVER_SOCKET="", DD_LOCAL_DB="off")
        for address in "127.0.0.1", "[::1]":
            machine.do("curl", "--fail", "--silent", "--max-time", "5", f"http://{address}:{port}/info")


OLDER_FILE = """[Main]
api_key: 0123456789abcdef0123456789abcdef
hostname = web-1
tags: team:shop, env:prod
apm_enabled: yes
[trace.sampler]
max_traces_per_second = 7
pre_sample_rate = 0.5
[trace.ignore]
resource = GET /ping
"""


def test_a_datadog_conf_of_version_5_is_read_and_becomes_a_datadog_yaml(tmp_path):
    old, new = tmp_path / "datadog.conf", tmp_path / "datadog.yaml"
    old.write_text(OLDER_FILE)

    def config(*words):
        done = subprocess.run([BINARY, "config", *words], capture_output=True, text=True, timeout=20,
                              env=clean_environment())
        assert done.returncode == 0, done
        return done.stdout

    def shown(file):
        rows = json.loads(config("show", "--set", "--json", "--config", file))["options"]
        return {row["name"]: row["value"] for row in rows}

    config("migrate", old, "--output", new)
    assert new.stat().st_mode & 0o777 == 0o600
    assert shown(old) == shown(new) == {
        "api_key": "…cdef", "hostname": "web-1", "tags": "team:shop, env:prod", "apm_config.env": "prod",
        "apm_config.enabled": "true", "apm_config.target_traces_per_second": "7",
        "apm_config.ignore_resources": "GET /ping"}
    text = config("show", "--config", old)
    assert re.search(rf"^hostname +web-1 +{re.escape(str(old))}:3$", text, re.MULTILINE), text
    assert re.search(r"^apm_config.receiver_port +8126 +default$", text, re.MULTILINE), text
    assert f"note: {old}: has the form of the Datadog agent 5; roost config migrate" in config("check", "--config", old)
    with Agent(configuration=OLDER_FILE, DD_HOSTNAME="") as agent:
        info = agent.ask("info")
        assert info["hostname"] == "web-1" and info["config"]["target_tps"] == 7
        assert "trace.sampler.pre_sample_rate" in agent.text()
