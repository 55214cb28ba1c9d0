"""A host whose datadog.yaml has grown for years: roost starts with it as the agent did that it replaces."""
import re
import subprocess

import pytest

from agent import BINARY, Agent
from processes import clean_environment

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
    ("local: {control_group: nobody-has-this}", 'there is no group "nobody-has-this"')])
def test_a_strict_start_is_refused_for_what_only_this_machine_can_tell(tmp_path, line, warning):
    file = tmp_path / "datadog.yaml"
    file.write_text(line + "\n")
    done = subprocess.run([BINARY, "serve", "--strict", "--config", file], capture_output=True, text=True, timeout=20,
                          env=clean_environment(DD_LOCAL_DB="off"))
    assert done.returncode == 78 and warning in done.stderr, done


def test_either_text_for_everywhere_is_reached_over_both_families(machine, tmp_path):
    for host, port in ("0.0.0.0", 8126), ("::", 9126):
        machine.start(BINARY, "serve", ready=f"listening on [::]:{port}", DD_BIND_HOST=host, DD_APM_RECEIVER_PORT=port,
                      DD_APM_RECEIVER_SOCKET="", DD_LOCAL_DB="off")
        for address in "127.0.0.1", "[::1]":
            machine.do("curl", "--fail", "--silent", "--max-time", "5", f"http://{address}:{port}/info")
