"""What every acceptance test stands on: a release binary, the C programs, and the payloads they send."""
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

import environments
import machines
import processes
from agent import BENCHMARKS, BINARY, short_folder


# An agent takes them for its own settings.
for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
    os.environ.pop(name, None)


def pytest_configure(config):
    config.addinivalue_line("markers", "linux: needs Linux (epoll, /proc or LD_PRELOAD)")
    config.addinivalue_line("markers", "machine: makes machines (the fixture `machine` implies it)")
    config.addinivalue_line("markers", "xdist_group: which worker runs it, where there are several")
    config.addinivalue_line("markers", "fixed_ports: uses this machine's port 8126, so that no other such test may run beside it")


# pytest-xdist reads the marks in a hook of its own, which would be called before this one.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    no_machines = machines.missing()
    for item in items:
        # A file's tests share agents and run in one worker, those that need the same ports too.
        item.add_marker(pytest.mark.xdist_group("fixed ports" if item.get_closest_marker("fixed_ports") else item.path.stem))
        if item.get_closest_marker("linux") and sys.platform != "linux":
            item.add_marker(pytest.mark.skip(reason=f"{item.name} needs Linux"))
        if no_machines and (item.get_closest_marker("machine") or "machine" in item.fixturenames):
            item.add_marker(pytest.mark.skip(reason=f"{item.name} {no_machines}"))


@pytest.fixture(scope="session", autouse=True)
def release_binary():
    """Its absence is an error, never a skip."""
    assert BINARY.exists(), f"{BINARY} is missing: swift build -c release, or set ROOST_BINARY"
    return BINARY


@pytest.fixture(scope="session")
def harness():
    """The load generator and the mock intake, compiled."""
    with environments.one_at_a_time("harness"):
        subprocess.run(["make", "-s", "-C", str(BENCHMARKS)], check=True)
    return BENCHMARKS


@pytest.fixture(scope="session")
def payloads(harness):
    """A folder of payload templates: `kept` (all kept, some errors) and `mixed` (half of the traces dropped)."""
    folder = pathlib.Path(processes.STATE.name) / "payloads"
    generator = [sys.executable, str(harness / "gen_payloads.py"), "--out", str(folder), "--profile", "flask",
                 "--spans", "100", "--versions", "v04,v05,v10,v10typed"]
    subprocess.run([*generator, "--name", "kept"], check=True, stdout=subprocess.DEVNULL)
    # No errors here: the errors sampler would keep some of the dropped ones.
    subprocess.run([*generator, "--name", "mixed", "--p0-frac", "0.5", "--error-frac", "0"], check=True,
                   stdout=subprocess.DEVNULL)
    return folder


@pytest.fixture
def spool():
    """A folder for payloads that several agents have one after the other; it is not there before it is needed."""
    folder = short_folder()
    yield folder / "spool"
    shutil.rmtree(folder)


@pytest.fixture
def machine():
    """A machine of its own for one test."""
    with machines.Machine() as machine:
        yield machine


@pytest.fixture(scope="session")
def tracer():
    """The folder of programs of ddtrace 4.16."""
    return environment_or_skip(environments.Client("4.16", "3.13")) / "bin"


@pytest.fixture(scope="session")
def test_agent():
    """The program of Datadog's test agent."""
    return environment_or_skip(environments.TEST_AGENT) / "bin" / "ddapm-test-agent"


def environment_or_skip(wanted):
    """A missing Python skips the test by its name; anything else that is missing is an error."""
    try:
        return environments.environment(wanted)
    except environments.PythonMissing as missing:
        pytest.skip(f"{wanted}: {missing}")
