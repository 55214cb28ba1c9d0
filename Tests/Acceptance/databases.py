"""Servers of databases that a test starts for its app, each in a folder of its own and gone with the test."""
import contextlib
import getpass
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile

import pytest

from processes import Process, free_port, listens, wait_until


@contextlib.contextmanager
def postgresql(tmp_path):
    """A PostgreSQL that anyone on this machine may use; gives the words that a driver connects with."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin")) or [pathlib.Path(shutil.which("initdb") or "/-").parent]
    if not (found[-1] / "initdb").exists():
        pytest.skip("PostgreSQL's server is not installed")
    # It does not run as root.
    name = "postgres" if os.getuid() == 0 else getpass.getuser()
    user = pwd.getpwnam(name)
    prefix = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"] if os.getuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix="roost-postgresql-") as folder:
        os.chown(folder, user.pw_uid, user.pw_gid)
        done = subprocess.run(
            [*prefix, found[-1] / "initdb", "--no-sync", "--no-instructions", "--auth=trust", "--username=postgres",
             "--locale=C", "--encoding=UTF8", f"--pgdata={folder}/data"], capture_output=True, text=True, cwd="/")
        assert done.returncode == 0, done.stderr
        port = free_port()
        with Process([*prefix, found[-1] / "postgres", "-D", f"{folder}/data", "-p", port, "-k", folder, "-F",
                      "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=10", "-c", "shared_buffers=1MB"],
                     tmp_path / "postgresql.log") as server:
            wait_until(lambda: not server.running or listens(port), 20, "PostgreSQL to listen")
            assert server.running, server.text()
            yield f"host=127.0.0.1 port={port} user=postgres"
            # Without waiting for those who are connected.
            server.stop(signal.SIGINT)


@contextlib.contextmanager
def redis(tmp_path):
    """A Redis that keeps nothing; gives its port."""
    if not shutil.which("redis-server"):
        pytest.skip("Redis's server is not installed")
    port = free_port()
    with Process(["redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
                 tmp_path / "redis.log") as server:
        wait_until(lambda: not server.running or listens(port), 20, "Redis to listen")
        assert server.running, server.text()
        yield port
