"""`roost run`: the command behaves as without it, its traces arrive, and an agent is there exactly as long as needed."""
import contextlib
import errno
import fcntl
import http.server
import json
import os
import pathlib
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import termios
import threading

import pytest

import environments
from agent import BINARY, Agent, short_folder
from processes import APPS, Process, clean_environment, free_port, get, listens, wait_until

FIRST_TRACE = re.compile(
    r"✓ first trace from python 3\.\d+, ddtrace 4\.16 \(pid (\d+), service shop\) after (\d+\.\d) s")


@pytest.fixture
def place():
    """A runtime folder and a port of its own for one test, as the variables of a shell."""
    folder = short_folder()
    yield {"XDG_RUNTIME_DIR": folder, "XDG_STATE_HOME": folder / "state", "TMPDIR": folder, "DD_APM_RECEIVER_PORT": free_port(),
           "DD_LOCAL_WEB": free_port(),
           "DD_APM_RECEIVER_SOCKET": "", "PYTHONUNBUFFERED": 1}
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def tracer():
    """The Python of ddtrace 4.16."""
    client = environments.Client("4.16", "3.13")
    try:
        return environments.environment(client) / "bin" / "python"
    except environments.PythonMissing as missing:
        pytest.skip(f"{client}: {missing}")


def run(place, *command, input=None, timeout=60, **variables):
    return subprocess.run(
        [str(BINARY), "run", "--", *map(str, command)], capture_output=True, text=True, input=input, timeout=timeout,
        env=clean_environment(**{**place, **variables}))


@contextlib.contextmanager
def running(place, *command, options=(), **variables):
    """`roost run` in the background; killed at the end if it is still there."""
    process = subprocess.Popen(
        [str(BINARY), "run", *options, "--", *map(str, command)], text=True, env=clean_environment(**{**place, **variables}),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, process_group=0)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            with contextlib.suppress(BrokenPipeError):
                stream.close()


def agent_pid(text):
    """Of the last agent that a run says it started."""
    return int(re.findall(r"started an agent (?:for this run|in its place) \(pid (\d+)", text)[-1])


def read_until(process, text):
    """What `roost run` says up to the line with `text`, which has to come."""
    seen = ""
    with patience(process):
        while text not in seen:
            line = process.stderr.readline()
            assert line, f"{text!r} was not said, but:\n{seen}"
            seen += line
    return seen


def finish(process, input=""):
    """Types the last the command is to read and returns what `roost run` says from then on."""
    with patience(process):
        process.stdin.write(input)
        process.stdin.close()
        rest = process.stderr.read()
        process.wait()
    return rest


@contextlib.contextmanager
def patience(process, seconds=30):
    """Kills a run that keeps a test waiting, with its command, so that the test fails."""
    timer = threading.Timer(seconds, os.killpg, [process.pid, signal.SIGKILL])
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def is_gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    # A zombie is gone; only its parent has not looked yet.
    status = pathlib.Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z"


def assert_nothing_left(place, text):
    assert is_gone(agent_pid(text))
    assert not listens(place["DD_APM_RECEIVER_PORT"])
    assert list(place["TMPDIR"].glob("roost-run-*.log")) == []


@pytest.mark.parametrize("script, code", [
    ("exit 0", 0), ("exit 1", 1), ("exit 64", 64), ("exit 255", 255), ("kill -9 $$", 137), ("kill -15 $$", 143)])
def test_the_exit_code_is_the_commands(place, script, code):
    done = run(place, "sh", "-c", script)
    assert done.returncode == code, done.stderr
    assert_nothing_left(place, done.stderr)


def test_a_command_that_cannot_be_started_ends_as_in_a_shell(place, tmp_path):
    missing = run(place, tmp_path / "nowhere")
    file = tmp_path / "file"
    file.write_text("#!/nowhere/python\n")
    locked = run(place, file)
    file.chmod(0o755)
    orphan = run(place, file)
    unknown = run(place, "no-command-of-this-name")
    for done, code, words in [(missing, 127, "there is no command"), (unknown, 127, "there is no command"),
                              (locked, 126, "Permission denied"), (orphan, 126, "names /nowhere/python, which is not there")]:
        assert done.returncode == code and words in done.stderr
        assert done.stderr.count("\n") == 1, "no agent was started for it, and none is spoken of"
    assert list(place["TMPDIR"].glob("roost-run-*.log")) == []
    # What is no program shows only when the system starts it.
    file.write_text("no program\n")
    done = run(place, file)
    assert done.returncode == 126 and "Exec format error" in done.stderr
    assert_nothing_left(place, done.stderr)
    usage = subprocess.run([str(BINARY), "run"], capture_output=True, text=True, env=clean_environment(**place))
    assert usage.returncode == 64 and "needs a command" in usage.stderr


def test_input_and_output_are_the_commands_and_roost_speaks_on_standard_error_only(place):
    done = run(place, "cat", input="line\nno newline")
    assert done.stdout == "line\nno newline"
    assert "started an agent for this run" in done.stderr
    assert "no trace came from the command" in done.stderr


def test_arguments_reach_the_command_unchanged(place):
    done = run(place, sys.executable, "-c", "import sys, json; print(json.dumps(sys.argv[1:]))", "--json", "-v", "a b", "",
               "--", "ü")
    assert json.loads(done.stdout) == ["--json", "-v", "a b", "", "--", "ü"]


def test_the_environment_leads_here_and_changes_nothing_that_was_set(place):
    show = [sys.executable, "-c", "import os, json; print(json.dumps(dict(os.environ)))"]
    port = str(place["DD_APM_RECEIVER_PORT"])
    done = run(place, *show)
    seen = json.loads(done.stdout)
    assert seen["DD_TRACE_AGENT_URL"] == f"http://127.0.0.1:{port}"
    assert seen["DD_AGENT_HOST"] == seen["DATADOG_TRACE_AGENT_HOSTNAME"] == "127.0.0.1"
    assert seen["DD_TRACE_AGENT_PORT"] == seen["DATADOG_TRACE_AGENT_PORT"] == port
    assert seen["DD_TRACE_SAMPLE_RATE"] == "1"
    own = {"DD_TRACE_AGENT_URL": "http://user:hunter2@10.0.0.5:8126", "DD_TRACE_SAMPLE_RATE": "0.5", "DD_ENV": "mine"}
    done = run(place, *show, **own)
    seen = json.loads(done.stdout)
    assert {name: seen[name] for name in own} == own
    assert not {"DD_AGENT_HOST", "DD_TRACE_AGENT_PORT", "DD_TRACE_SAMPLING_RULES"} & set(seen)
    assert "DD_TRACE_AGENT_URL is set and leads elsewhere" in done.stderr and "hunter2" not in done.stderr


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"])
def test_a_signal_sent_to_roost_reaches_the_command_once(place, name, tmp_path):
    seen = tmp_path / "seen"
    with running(place, sys.executable, APPS / "signals.py", seen) as process:
        wait_until(lambda: seen.exists() and "ready" in seen.read_text(), 20, "the program to be ready")
        process.send_signal(getattr(signal, name))
        wait_until(lambda: name in seen.read_text(), 10, name)
        if process.poll() is None and name not in ("SIGINT", "SIGTERM"):
            process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 7
    assert seen.read_text().split("\n").count(name) == 1
    assert_nothing_left(place, errors)


class Terminal:
    """A program on a terminal of its own, with a shell that has job control before it."""

    def __init__(self, script, variables):
        self.text = ""
        self.pid, self.end = pty.fork()
        if self.pid == 0:
            try:
                os.execvpe("bash", ["bash", "--norc", "-m", "-c", script], clean_environment(**variables))
            finally:
                os._exit(99)
        os.set_blocking(self.end, False)

    def read(self):
        with contextlib.suppress(BlockingIOError):
            try:
                while part := os.read(self.end, 65536):
                    self.text += part.decode(errors="replace")
            except OSError as error:
                if error.errno != errno.EIO:
                    raise
        return self.text

    def wait_for(self, text, seconds=20):
        wait_until(lambda: text in self.read(), seconds, f"{text!r} on the terminal; there was:\n{self.text}")

    def type(self, text):
        os.write(self.end, text.encode())

    def resize(self, rows, columns):
        fcntl.ioctl(self.end, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def finish(self):
        wait_until(lambda: (self.read(), os.waitpid(self.pid, os.WNOHANG)[0])[1], 20, "the shell to end")
        os.close(self.end)


def shell_words(*words):
    return " ".join("'" + str(word).replace("'", "'\\''") + "'" for word in words)


@pytest.mark.linux
def test_the_terminal_is_the_commands_with_keys_size_and_job_control(place, tmp_path):
    seen = tmp_path / "seen"
    command = shell_words(BINARY, "run", "--", sys.executable, APPS / "signals.py", seen)
    terminal = Terminal(f"{command}; echo stopped=$?; fg; echo ended=$?", place)
    wait_until(lambda: seen.exists() and "ready tty=True" in seen.read_text(), 20, "the program on the terminal")
    terminal.resize(33, 77)
    wait_until(lambda: "SIGWINCH 77x33" in seen.read_text(), 10, "the new size")
    terminal.type("\x1a")
    terminal.wait_for("stopped=")
    wait_until(lambda: "SIGCONT" in seen.read_text(), 10, "the program to go on")
    terminal.type("\x03")
    terminal.wait_for("ended=7")
    terminal.finish()
    lines = seen.read_text().split("\n")
    assert lines.count("SIGINT") == 1
    assert sum(line.startswith("SIGWINCH") for line in lines) == 1


def test_the_first_trace_of_a_real_tracer_is_told_and_its_services_are_listed(place, tracer):
    done = run(place, tracer, APPS / "traced_job.py")
    assert done.returncode == 0, done.stderr
    match = FIRST_TRACE.search(done.stderr)
    assert match, done.stderr
    assert done.stdout == f"pid {match.group(1)}\n"
    assert float(match.group(2)) < 10
    table = done.stderr[match.end():]
    assert re.search(r"^SERVICE +ENV .*\nshop +none! .* 1 ", table, re.MULTILINE), done.stderr
    assert re.search(r"^SERVICE +RESOURCE +HITS .*\nshop +nightly +1 ", table, re.MULTILINE), done.stderr
    file, = (place["XDG_STATE_HOME"] / "roost").glob("run-*.db")
    assert table.endswith(f"until the next run: roost traces --db {file}, roost trace ID --db {file}\n"), done.stderr
    assert_nothing_left(place, done.stderr)


def test_traces_are_drawn_while_an_app_runs_and_the_slowest_and_the_failed_are_listed_at_its_end(place, tracer, tmp_path):
    port = free_port()
    app = [tracer.parent / "ddtrace-run", tracer, APPS / "rich_app.py"]
    with running(place, *app, options=["--live"], DD_SERVICE="shop", DD_ENV="test", RICH_PORT=port) as process:
        wait_until(lambda: listens(port), 30, "the app to listen")
        assert (get(port, "/nested"), get(port, "/boom")) == (200, 500)
        seen = read_until(process, "DeliberateError: boom deliberate")
        assert "GET /nested  of shop" in seen and "GET /boom  of shop" in seen, seen
        # A tree in few lines: the parts of the app are below its root, each with its time.
        assert re.search(r"^[│├└ ]+worker  nested\.outer outer +\S+ +\S+ ", seen, re.MULTILINE), seen
        trace_id = re.findall(r"^trace ([0-9a-f]{32}) ", seen, re.MULTILINE)[0]
        drawn = subprocess.run([str(BINARY), "trace", trace_id, "--json"], capture_output=True, text=True,
                               env=clean_environment(**place))
        assert json.loads(drawn.stdout)["trace_id"] == trace_id, drawn
        os.killpg(process.pid, signal.SIGINT)
        rest = finish(process)
    end = rest[rest.index("the slowest traces, and those that failed:"):].splitlines()
    rows = {row.split()[2] + " " + row.split()[3]: row.split()[-1] for row in end[2:] if " shop " in row}
    assert set(rows) >= {"GET /nested", "GET /boom"}, rest
    # The ids lead to the traces after the run too, until the next one.
    file, = (place["XDG_STATE_HOME"] / "roost").glob("run-*.db")
    again = subprocess.run([str(BINARY), "trace", rows["GET /boom"], "--db", file], capture_output=True, text=True,
                           env=clean_environment(**place))
    assert "boom deliberate" in again.stdout, again
    done = run(place, tracer, "-c", "pass")
    assert not file.exists() and list(file.parent.glob("run-*.db")) != [], done.stderr


def test_another_shell_finds_the_agent_of_a_run(place, tracer):
    with running(place, tracer, APPS / "traced_job.py", "flush", "stay") as process:
        process.stdout.readline()

        def services():
            done = subprocess.run([str(BINARY), "services", "--json"], capture_output=True, text=True,
                                  env=clean_environment(**place))
            return done.returncode == 0 and [row["service"] for row in json.loads(done.stdout)["services"]]

        wait_until(lambda: services() == ["shop"], 20, "the service to be listed")
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert_nothing_left(place, errors)


def test_an_agent_that_is_there_is_used_and_left_running(tracer):
    with Agent() as agent:
        place = {**agent.variables, "TMPDIR": agent.folder}
        before = run(place, tracer, APPS / "traced_job.py")
        after = run(place, tracer, APPS / "traced_job.py")
        for done in (before, after):
            assert f"using the agent that is there (pid {agent.child.pid}), on 127.0.0.1:{agent.port}" in done.stderr
            assert "started an agent" not in done.stderr
            assert FIRST_TRACE.search(done.stderr), done.stderr
            # What the run before it sent is not the command's.
            assert re.search(r"^shop +none! .* 1 ", done.stderr, re.MULTILINE), done.stderr
            assert re.search(r"^shop +nightly +1 ", done.stderr, re.MULTILINE), done.stderr
            assert done.stderr.endswith("roost: to see them again: roost services\n"), done.stderr
        assert agent.running
        assert agent.services() == {"shop": (2, 0)}
        silent = run(place, "true")
        assert "no trace came" in silent.stderr and "SERVICE" not in silent.stderr


def job_of_a_stranger(place, tracer):
    """A short traced script of somebody else's, from its start to its end; its process is returned."""
    done = subprocess.run([str(tracer), str(APPS / "traced_job.py"), "flush"], capture_output=True, text=True, timeout=30,
                          env=clean_environment(**place))
    return int(done.stdout.split()[1])


@pytest.mark.linux
def test_the_trace_of_a_stranger_is_not_taken_for_the_commands(tracer):
    with Agent() as agent:
        place = {**agent.variables, "TMPDIR": agent.folder, "DD_TRACE_AGENT_URL": f"http://127.0.0.1:{agent.port}"}
        with running(place, "cat") as process:
            read_until(process, "using the agent that is there")
            stranger = job_of_a_stranger(place, tracer)
            seen = read_until(process, f"a trace of service shop arrived from pid {stranger}, which has ended")
            seen += finish(process)
    assert "✓" not in seen, seen
    assert re.search(r"what all clients sent .* not only the command:\nSERVICE .*\nshop ", seen), seen
    assert "no trace is known to have come from the command" in seen


@pytest.mark.linux
def test_a_service_that_only_a_stranger_sent_is_marked(tracer):
    with Agent() as agent:
        place = {**agent.variables, "TMPDIR": agent.folder, "DD_TRACE_AGENT_URL": f"http://127.0.0.1:{agent.port}"}
        with running(place, "cat") as process:
            read_until(process, "using the agent that is there")
            with subprocess.Popen([str(tracer), str(APPS / "traced_job.py"), "flush", "stay"], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, env=clean_environment(**place)) as stranger:
                assert stranger.stdout.readline().startswith(b"pid ")
                seen = finish(process)
                stranger.stdin.close()
    assert re.search(r"^shop \* ", seen, re.MULTILINE), seen
    assert "* sent by other programs, not by the command" in seen


@pytest.mark.linux
def test_beside_a_stranger_the_trace_of_the_command_is_found(tracer):
    with Agent() as agent:
        place = {**agent.variables, "TMPDIR": agent.folder, "DD_TRACE_AGENT_URL": f"http://127.0.0.1:{agent.port}"}
        job = f"read line; {shell_words(tracer, APPS / 'traced_job.py')}"
        with running(place, "sh", "-c", job) as process:
            read_until(process, "using the agent that is there")
            stranger = job_of_a_stranger(place, tracer)
            read_until(process, f"arrived from pid {stranger}")
            seen = finish(process, "\n")
            pid = int(process.stdout.read().split()[1])
    match = FIRST_TRACE.search(seen)
    assert match and int(match.group(1)) == pid, seen
    assert "not only the command:" in seen and re.search(r"^shop +none! .* 2 ", seen, re.MULTILINE), seen
    assert "no trace" not in seen


@pytest.mark.linux
def test_an_agent_that_is_stopped_is_told_and_no_table_is_waited_for(tracer):
    with Agent() as agent:
        place = {**agent.variables, "TMPDIR": agent.folder, "DD_TRACE_AGENT_URL": f"http://127.0.0.1:{agent.port}"}
        with running(place, "cat") as process:
            read_until(process, "using the agent that is there")
            job_of_a_stranger(place, tracer)
            agent.child.send_signal(signal.SIGSTOP)
            try:
                seen = finish(process)
            finally:
                agent.child.send_signal(signal.SIGCONT)
    assert f"the agent (pid {agent.child.pid}) does not answer" in seen
    assert "SERVICE" not in seen and process.returncode == 0


@contextlib.contextmanager
def asleep(process):
    """While this lasts the run sees nothing, so that two changes are one to it."""
    process.send_signal(signal.SIGSTOP)
    wait_until(lambda: "T" in pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0], 10,
               "the run to stop")
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


@contextlib.contextmanager
def replaced_unseen(agent):
    """A run that uses the agent; what is done inside, with the agent stopped, is one change to it. Gives what to start."""
    place = {**agent.variables, "TMPDIR": agent.folder}
    with running(place, "cat") as process, contextlib.ExitStack() as stack:
        read_until(process, "using the agent that is there")
        with asleep(process):
            agent.stop()
            yield process, stack
        read_until(process, f"the agent (pid {agent.child.pid}) ended")
        process.rest = finish(process)


@pytest.mark.linux
def test_an_agent_on_another_port_behind_the_same_socket_is_not_the_one_that_was_there():
    with Agent() as agent:
        with replaced_unseen(agent) as (process, stack):
            port = free_port()
            stack.enter_context(Process([BINARY, "serve", "--config", agent.file], agent.folder / "second.log",
                                        **{**agent.variables, "DD_APM_RECEIVER_PORT": port}))
            wait_until(lambda: listens(port), 10, "the other agent to listen")
    assert "using the agent" not in process.rest and "no agent was there at the end" in process.rest


@pytest.mark.linux
def test_a_foreign_program_on_the_port_is_not_taken_for_the_agent():
    with Agent() as agent:
        with replaced_unseen(agent) as (process, stack):
            server = http.server.ThreadingHTTPServer(("127.0.0.1", agent.port), http.server.BaseHTTPRequestHandler)
            stack.callback(server.server_close)
    assert "no agent was there at the end" in process.rest


def test_a_port_that_a_foreign_server_has_is_left_to_it(place, tracer):
    class Foreign(http.server.BaseHTTPRequestHandler):
        def log_request(self, *_):
            requests.append(self.requestline)

        def log_error(self, *_):
            pass

    requests = []
    port = place["DD_APM_RECEIVER_PORT"]
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), Foreign) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        done = run(place, tracer, APPS / "traced_job.py")
        server.shutdown()
    assert f"cannot listen on host 127.0.0.1 port {port}" in done.stderr
    free = int(re.search(r"for this run .* on 127\.0\.0\.1:(\d+)", done.stderr).group(1))
    assert free != port and f"DD_APM_RECEIVER_PORT={free} roost services" in done.stderr
    assert FIRST_TRACE.search(done.stderr), done.stderr
    assert not listens(free) and is_gone(agent_pid(done.stderr))
    # Asked once whether it is an agent, and then left alone.
    assert requests == ["GET /info HTTP/1.1"]


@pytest.mark.linux
def test_the_agent_of_a_run_that_is_killed_ends_by_itself(place):
    with running(place, "sleep", "60") as process:
        port = place["DD_APM_RECEIVER_PORT"]
        wait_until(lambda: listens(port), 10, "the agent to listen")
        child = subprocess.run(["pgrep", "-P", str(process.pid), "sleep"], capture_output=True, text=True).stdout
        process.kill()
        process.wait()
        wait_until(lambda: not listens(port), 10, "the agent to end")
        if child:
            os.kill(int(child), signal.SIGKILL)


@pytest.mark.linux
@pytest.mark.parametrize("way", ["ends", "is killed"])
def test_a_run_starts_its_own_agent_when_the_run_whose_agent_it_used(place, tracer, way):
    job = f"read line; exec {shell_words(tracer, APPS / 'traced_job.py')}"
    with running(place, "cat") as first:
        read_until(first, "started an agent for this run")
        with running(place, "sh", "-c", job) as second:
            seen = read_until(second, "using the agent of another run")
            if way == "ends":
                finish(first)
            else:
                first.kill()
            seen += read_until(second, "started an agent in its place")
            seen += finish(second, "\n")
    assert re.search(r"the agent of another run \(pid \d+\) ended; starting one in its place", seen), seen
    assert FIRST_TRACE.search(seen), seen
    assert re.search(r"^shop +none! .* 1 ", seen, re.MULTILINE), seen
    assert "the table begins" in seen
    assert second.returncode == 0 and "lost" not in seen
    assert is_gone(agent_pid(seen)) and not listens(place["DD_APM_RECEIVER_PORT"])


@pytest.mark.linux
def test_the_agent_of_a_run_that_dies_is_started_again_once(place, tracer):
    job = f"read line; {shell_words(tracer, APPS / 'traced_job.py')}; read line"
    with running(place, "sh", "-c", job) as process:
        seen = read_until(process, "started an agent for this run")
        os.kill(agent_pid(seen), signal.SIGKILL)
        seen += read_until(process, "started an agent in its place")
        assert re.search(r"the agent of this run \(pid \d+\) ended by signal 9; see \S+; starting another", seen), seen
        process.stdin.write("\n")
        process.stdin.flush()
        seen += read_until(process, "✓ first trace")
        os.kill(agent_pid(seen), signal.SIGKILL)
        seen += read_until(process, "it is not started again: traces are lost until one listens on")
        rest = finish(process, "\n")
    assert "no agent was there at the end" in rest
    assert process.returncode == 0 and not listens(place["DD_APM_RECEIVER_PORT"])


def test_an_agent_that_its_owner_stops_is_told_and_not_replaced():
    with Agent() as agent:
        place = {**agent.variables, "TMPDIR": agent.folder}
        with running(place, "cat") as process:
            read_until(process, "using the agent that is there")
            agent.stop()
            seen = read_until(process, f"the agent (pid {agent.child.pid}) ended")
            assert f"traces are lost until one listens on 127.0.0.1:{agent.port}" in seen
            with Process([BINARY, "serve", "--config", agent.file], agent.folder / "second.log",
                         **agent.variables) as other:
                seen += read_until(process, "using the agent that is there now")
                assert f"(pid {other.child.pid}), on 127.0.0.1:{agent.port}" in seen
            rest = finish(process)
        assert "no agent was there at the end; what the command sent last is lost" in rest
        assert process.returncode == 0 and "started an agent" not in seen + rest and not listens(agent.port)


def test_runs_that_begin_in_the_same_moment_share_one_agent(place):
    with contextlib.ExitStack() as stack:
        processes = [stack.enter_context(running(place, "cat")) for _ in range(5)]
        port = place["DD_APM_RECEIVER_PORT"]
        seen = [read_until(process, ", on 127.0.0.1:") for process in processes]
        assert sum("started an agent for this run" in text for text in seen) == 1, seen
        assert all(f", on 127.0.0.1:{port}" in text for text in seen), seen
        owner = next(index for index, text in enumerate(seen) if "started an agent" in text)
        finish(processes.pop(owner))
        seen = [read_until(process, f", on 127.0.0.1:{port}") for process in processes]
        assert sum("started an agent in its place" in text for text in seen) == 1, seen
        for process in processes:
            process.stdin.close()
        for process in processes:
            with patience(process):
                assert process.wait() == 0
    assert not listens(port)
    assert list(place["TMPDIR"].glob("roost-run-*.log")) == []


@pytest.mark.parametrize("folder", ["missing", "a file", "unset", "not absolute"])
def test_without_a_usable_runtime_folder_an_agent_is_there_nevertheless(place, folder, tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    value = {"missing": tmp_path / "no" / "where", "a file": file, "unset": "", "not absolute": "run"}[folder]
    with running({**place, "XDG_RUNTIME_DIR": value}, "cat") as process:
        seen = read_until(process, "started an agent for this run")
        told = re.search(r"to ask this agent from another shell: (ROOST_CONTROL_SOCKET)=(\S+) roost services", seen)
        assert bool(told) == (folder in ("missing", "a file")), seen
        done = subprocess.run([str(BINARY), "info", "--json"], capture_output=True, text=True, env=clean_environment(
            **{**place, "XDG_RUNTIME_DIR": value}, **({told.group(1): told.group(2)} if told else {})))
        assert done.returncode == 0 and f'"pid":{agent_pid(seen)}' in done.stdout.replace(" ", ""), done
        # The next run finds it where the first put it.
        assert "using the agent of another run" in run({**place, "XDG_RUNTIME_DIR": value}, "true").stderr
        seen += finish(process)
    assert process.returncode == 0
    assert_nothing_left(place, seen)
    assert not told or not os.path.exists(told.group(2))


def test_a_control_socket_that_cannot_be_where_it_was_told_to_be_is_an_error_at_once(place, tmp_path):
    done = run(place, "echo", "ran", ROOST_CONTROL_SOCKET=tmp_path / "no" / "where" / "c.sock")
    assert done.returncode == 78 and done.stdout == ""
    assert f"no agent could be started: {tmp_path}/no/where: mkdir: No such file or directory" in done.stderr
    assert not listens(place["DD_APM_RECEIVER_PORT"])


def test_without_a_folder_for_temporary_files_the_log_is_where_they_usually_are(place, tmp_path):
    done = run(place, "true", TMPDIR=tmp_path / "nowhere")
    assert done.returncode == 0, done.stderr
    assert re.search(r"started an agent for this run \(pid \d+, log /tmp/roost-run-\d+\.log\)", done.stderr), done.stderr
    assert_nothing_left(place, done.stderr)


def test_a_command_that_closes_or_redirects_its_errors_changes_nothing(place):
    for script in ("exec 2>&-; exit 3", "exec 2>/dev/null >&2; echo x; exit 3"):
        done = run(place, "sh", "-c", script)
        assert done.returncode == 3 and done.stdout == "" and "no trace came from the command" in done.stderr
        assert_nothing_left(place, done.stderr)


@pytest.mark.linux
def test_streams_that_were_closed_stay_closed_for_the_command(place, tmp_path):
    ends = tmp_path / "ends"
    inner = f"for n in 0 1 2; do test -e /proc/$$/fd/$n && echo $n >>{ends}; done; exit 5"
    outer = f"exec {shell_words(BINARY, 'run', '--', 'sh', '-c', inner)} <&- >&- 2>&-"
    done = subprocess.run(["sh", "-c", outer], env=clean_environment(**place), timeout=30)
    assert done.returncode == 5 and not ends.exists()
    assert not listens(place["DD_APM_RECEIVER_PORT"])


@pytest.mark.linux
def test_an_agent_whose_streams_were_closed_does_not_speak_into_its_sockets(place):
    script = f"exec {shell_words(BINARY, 'serve')} <&- >&- 2>&-"
    agent = subprocess.Popen(["sh", "-c", script], env=clean_environment(**place))
    try:
        wait_until(lambda: listens(place["DD_APM_RECEIVER_PORT"]), 10, "the agent to listen")
        assert [os.readlink(f"/proc/{agent.pid}/fd/{stream}") for stream in range(3)] == ["/dev/null"] * 3
    finally:
        agent.terminate()
        agent.wait()


def test_a_reader_of_the_errors_that_goes_away_does_not_end_the_run(place):
    with running(place, "sh", "-c", "read line; exit 5") as process:
        seen = read_until(process, "started an agent for this run")
        process.stderr.close()
        process.stdin.close()
        with patience(process):
            assert process.wait() == 5
    assert_nothing_left(place, seen)


def test_a_shell_that_ignores_its_children_changes_nothing(place):
    done = subprocess.run([str(BINARY), "run", "--", "sh", "-c", "exit 6"], capture_output=True, text=True, timeout=20,
                          env=clean_environment(**place),
                          preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
    assert done.returncode == 6, done.stderr
    assert_nothing_left(place, done.stderr)


def test_a_broken_configuration_is_told_and_nothing_is_started(place, tmp_path):
    file = tmp_path / "datadog.yaml"
    file.write_text("apm_config: 7\n")
    marker = tmp_path / "marker"
    done = subprocess.run(
        [str(BINARY), "--config", str(file), "run", "--", "touch", str(marker)], capture_output=True, text=True,
        env=clean_environment(**place))
    assert done.returncode == 78, done.stderr
    assert "no agent could be started" in done.stderr
    assert not marker.exists()


def test_after_ten_silent_seconds_the_doctor_looks_at_the_command(place, tracer):
    elsewhere = f"http://127.0.0.1:{free_port()}"
    with running(place, "sh", "-c", f"{shell_words(tracer, APPS / 'traced_job.py', 'stay')}; exit 5",
                 DD_TRACE_AGENT_URL=elsewhere) as process:
        pid = process.stdout.readline().split()[1]
        errors = ""
        while "1 problem" not in errors and (line := process.stderr.readline()):
            errors += line
        _, rest = process.communicate(timeout=20)
    assert f"no trace after 10 s; looking at pid {pid}" in errors
    assert re.search(r"✗ RST0\d\d", errors), errors
    assert elsewhere.removeprefix("http://") in errors
    assert process.returncode == 5 and "no trace came from the command" in rest
    # It has ended: what can still be looked at is what it said.
    assert "--pid" not in rest and "roost doctor --log FILE explains" in rest
