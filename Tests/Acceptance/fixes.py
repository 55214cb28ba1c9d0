"""Fixes of the doctor, typed into a shell as they are given, and what has become of the finding then.

The test that stages a cause calls `cure`, so that no machine is made twice. `TYPED` names that test for each diagnosis;
`test_doctor_fixes.py` sees to it that a diagnosis with a line to type is in one of the two tables.
"""
import pathlib
import re
import shlex

from agent import BINARY
from processes import APPS
from traced import diagnose

TYPED = {
    "RST001": "test_doctor_networks.test_nothing_listens",
    "RST002": "test_doctor_networks.test_an_agent_on_ipv4_only_and_an_app_that_tries_ipv6_first",
    "RST003": "test_doctor_networks.test_two_programs_share_the_port_one_on_each_family",
    "RST008": "test_doctor_networks.test_a_name_that_is_not_known_in_the_apps_network",
    "RST009": "test_doctor_networks.test_the_name_that_docker_knows_on_other_systems",
    "RST014": "test_doctor_servers.test_a_foreign_web_server",
    "RST016": "test_doctor_servers.test_the_test_agent_is_named_with_what_it_lacks",
    "RST018": "test_doctor_servers.test_an_app_that_speaks_tls_to_roost",
    "RST019": "test_doctor_fixes.test_an_exporter_at_a_port_that_is_not_open_is_led_to_one_that_is",
    "RST020": "test_doctor_sockets.test_the_socket_for_metrics",
    "RST021": "test_doctor_clients.test_stolen_by_the_owner_of_the_default_socket",
    "RST022": "test_doctor_sockets.test_a_socket_file_that_a_dead_agent_left",
    "RST058": "test_sockets_that_come_back.test_a_folder_that_is_made_later",
    "RST023": "test_doctor_sockets.test_a_socket_that_the_apps_user_may_not_write",
    "RST024": "test_doctor_sockets.test_a_socket_for_datagrams",
    "RST025": "test_doctor_fixes.test_a_line_mends_what_a_setting_does",
    "RST026": "test_doctor_sockets.test_a_path_that_is_too_long_for_a_socket",
    "RST027": "test_doctor_fixes.test_a_line_mends_what_a_setting_does",
    "RST028": "test_doctor_fixes.test_a_line_mends_what_a_setting_does",
    "RST029": "test_doctor_clients.test_misdirected_the_old_tracer_does_not_read_todays_variable",
    "RST030": "test_doctor_fixes.test_a_line_mends_what_a_setting_does",
    "RST031": "test_doctor_fixes.test_a_line_mends_what_a_setting_does",
    "RST032": "test_doctor_fixes.test_an_app_without_a_tracer_is_started_with_one",
    "RST033": "test_doctor_arrivals.test_uwsgi_whose_workers_lost_the_tracers_thread",
    "RST044": "test_doctor_fixes.test_an_app_that_limits_its_traces_is_started_with_another_limit",
    "RST035": "test_doctor_clients.test_proxied_its_requests_to_the_agent_go_through_the_proxy",
}
# Diagnoses whose lines cannot be tried on a machine of namespaces, and why.
UNTYPED = {
    "RST010": "shows what else to look at: names and containers",
    "RST011": "lists the rules of a firewall",
    "RST015": "needs Datadog's own agent",
    "RST017": "asks who answers; needs systemd",
    "RST037": "shows more; the cure is another release of the tracer",
    "RST039": "shows more; the cure is another release of the tracer",
    "RST041": "gives time until another release of the tracer is there",
    "RST042": "sets the clock of the machine that runs the tests",
    "RST048": "the cure is another release of the tracer",
    "RST052": "asks the intake who it is", "RST053": "asks the intake who it is", "RST054": "asks the intake who it is",
    "RST055": "shows more", "RST056": "shows more",
    "RST060": "advice; the cure is another release of the library or of the tracer",
    "RST061": "the setting may be in code or in a file of the machine",
    "RST057": "the cause is a proxy or a client written by hand",
}
ADVICE = {"set", "take", "put", "add", "leave", "or", "stop", "let", "start", "give", "use", "ask", "mount", "make",
          "in", "to", "if", "nothing", "write", "see"}


def command(line):
    """The line as it is typed, or nothing where it is advice, or text for a file."""
    text = line.partition("   # ")[0]
    try:
        words = shlex.split(text)
    except ValueError:
        return None
    words = [word for word in words if not re.match(r"[A-Z_][A-Z0-9_]*=", word)]
    # Whether the program is on this machine does not matter: it is on that of whoever reads the line.
    is_text = not words or words[0] in ADVICE or words[0].endswith(":") or words[0].startswith(("#", "Environment="))
    return None if is_text or text.endswith(";") else text


def cure(place, report, pid, expected=None, settings=None, which=0, environment=None):
    """Types the first line of the first finding at `place`, with the app's variables exported, and sees it gone.

    Gives the number of the app that runs then: a new one when the line starts the app again. `which` is the position
    of the line among those that can be typed, `environment` what the doctor and the shell are told beside.
    """
    finding = report.findings[0]
    assert finding["id"] in TYPED and expected in (None, finding["id"]), report.text()
    lines = [text for text in map(command, finding["fix"]) if text]
    assert len(lines) > which, f"nothing to type in {finding['fix']}"
    environment = environment or {}
    done = type_line(place, lines[which], settings or {}, environment)
    pid = done or pid
    if done:
        assert_named(place, done, lines[which])
    left = diagnose(place, "--pid", pid, **environment)
    # What an agent remembers of clients before is a note at most.
    found = [row["id"] for row in left.findings if row["severity"] in ("problem", finding["severity"])]
    assert finding["id"] not in found, f"{lines[which]}\n{left.text()}"
    return pid


def type_line(place, line, settings, environment):
    """Runs a line in a shell; gives the number of the app that it has started, if it was one to do so."""
    folder = programs(place)
    variables = {**environment, **settings, "PATH": f"{folder}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"}
    shell = ["sh", "-c", f"cd {APPS.parent} && {line}"]
    if "traced_job.py" in line or "print" in line:
        app = place.start(*shell, ready="pid ", **variables)
        while not (found := re.findall(r"^pid (\d+)$", app.seen, re.M)):
            app.seen += app.stdout.readline()
        return place.number(found[-1])
    if "bin/uwsgi" in line:
        app = place.start(*shell, ready="uWSGI master process (pid: ", **variables)
        return place.number(re.findall(r"master process \(pid: (\d+)\)", app.seen)[-1])
    if "roost serve" in line:
        place.start(*shell, ready="listening on", **variables)
    else:
        place.do("env", f"PATH={variables['PATH']}", *shell)
    return None


def programs(place):
    """A folder with `roost` in it, as after `make install`, and a `sudo` for root."""
    folder = pathlib.Path(place.folder) / "programs"
    if not folder.exists():
        folder.mkdir()
        (folder / "roost").symlink_to(BINARY)
        (folder / "sudo").write_text('#!/bin/sh\nexec "$@"\n')
        (folder / "sudo").chmod(0o755)
    return folder


def assert_named(place, pid, line):
    """The app that was started again is the same one by its names."""
    variables = pathlib.Path(f"/proc/{place.outer(pid)}/environ").read_text().split("\0")
    for name in ("DD_SERVICE=shop", "DD_ENV=test"):
        assert name in variables, f"{name} is lost by: {line}"
