"""A machine of its own for a test: a network, a process table, a hosts file and a /run that nothing else sees.

Made of Linux namespaces, so it needs root; everything in it ends with it. A `Container` has all of that for itself too,
and its machine sees its processes, under other numbers, as a host sees those of its containers.
"""
import contextlib
import functools
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import threading

from agent import BINARY, short_folder
from processes import clean_environment, wait_until

HOSTS = "127.0.0.1 localhost\n::1 ip6-localhost\n"
UNSHARE = ["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--propagation", "private"]


@functools.cache
def missing():
    """Why no machine can be made here, or nothing. A root without the right to make namespaces is one in a container."""
    if sys.platform != "linux":
        return "needs Linux"
    if os.geteuid() != 0:
        return "needs root"
    absent = [name for name in ("unshare", "nsenter", "ip", "nft", "mount") if not shutil.which(name)]
    if absent:
        return f"needs {' and '.join(absent)}"
    trial = "mount -t tmpfs tmpfs /run && ip link add veth0 type veth peer name veth1 && nft add table inet roost"
    done = subprocess.run([*UNSHARE, "sh", "-c", trial], capture_output=True, text=True)
    return f"needs namespaces, veth and nftables: {done.stderr.strip()}" if done.returncode else None


class Place:
    """Where programs run: namespaces that a sleeping program keeps, the first process in them."""

    def __init__(self, command, hosts, nameserver):
        self.folder = short_folder()
        self.keeper = subprocess.Popen([*command, "sleep", "infinity"], stdin=subprocess.DEVNULL)
        try:
            self.pid = wait_until(self._sleeping, 10, "the namespaces")
            (self.folder / "hosts").write_text(hosts)
            (self.folder / "resolv.conf").write_text(f"nameserver {nameserver}\noptions timeout:30 attempts:1\n")
            for name in ("hosts", "resolv.conf"):
                self.do("mount", "--bind", self.folder / name, f"/etc/{name}")
            self.do("mount", "-t", "tmpfs", "tmpfs", "/run")
            self.do("mkdir", "-p", "/run/datadog", "/run/roost")
            self.do("ip", "link", "set", "lo", "up")
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.keeper.kill()
        self.keeper.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _sleeping(self):
        """The process that keeps the namespaces, once it has got there: the last of the keeper's only children."""
        assert self.keeper.poll() is None, f"{self.keeper.args} ended with {self.keeper.returncode}"
        pid = self.keeper.pid
        while True:
            if pathlib.Path(f"/proc/{pid}/comm").read_text() == "sleep\n":
                return pid
            children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            if not children:
                return None
            pid = int(children[0])

    def inside(self, *command):
        """The words that run a command here."""
        return ["nsenter", "--target", str(self.pid), "--net", "--mount", "--pid", "--", *map(str, command)]

    def number(self, pid):
        """The number that the machine has for a process which calls itself `pid` here."""
        table = os.readlink(f"/proc/{self.pid}/ns/pid")
        for entry in pathlib.Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if entry.name.isdigit() and os.readlink(entry / "ns" / "pid") == table:
                    numbers = _numbers(entry.name)
                    if numbers[-1] == str(pid):
                        return numbers[1]
        raise AssertionError(f"no process {pid} is here")

    def outer(self, number):
        """The number that this process has for the one which the machine calls `number`."""
        table = os.readlink(f"/proc/{self.pid}/ns/pid")
        for entry in pathlib.Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if entry.name.isdigit() and os.readlink(entry / "ns" / "pid") == table:
                    numbers = _numbers(entry.name)
                    if numbers[1] == str(number):
                        return entry.name
        raise AssertionError(f"no process {number} is there")

    def listens(self, port):
        """Whether something listens on the port of some IPv4 address here."""
        rows = pathlib.Path(f"/proc/{self.pid}/net/tcp").read_text().splitlines()[1:]
        return any(row.split()[1].endswith(f":{port:04X}") and row.split()[3] == "0A" for row in rows)

    def do(self, *command, input=None):
        """Runs a command that must succeed, and gives its output."""
        done = subprocess.run(self.inside(*command), capture_output=True, text=True, input=input, timeout=60)
        assert done.returncode == 0, f"{command}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def start(self, *command, ready=None, **variables):
        """Starts a program that lives as long as this place; its output is lines. With `ready`, waits for that line."""
        program = subprocess.Popen(
            self.inside(*command), text=True, start_new_session=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=clean_environment(XDG_RUNTIME_DIR="/run/roost", PYTHONUNBUFFERED=1, **variables))
        program.seen = ""
        # A read cannot be given a limit, so a program that stays silent is ended.
        alarm = threading.Timer(60, os.killpg, (program.pid, signal.SIGKILL))
        alarm.start()
        while ready is not None and ready not in program.seen:
            line = program.stdout.readline()
            assert line, f"{command} ended, or was silent for too long, before {ready!r}:\n{program.seen}"
            program.seen += line
        alarm.cancel()
        return program

    def roost(self, *arguments, input=None, **variables):
        """A roost command here, ended."""
        return subprocess.run(
            self.inside(BINARY, *arguments), capture_output=True, text=True, input=input, timeout=60,
            env=clean_environment(XDG_RUNTIME_DIR="/run/roost", **variables))

    def firewall(self, rules):
        """Adds rules to the chain of packets that come in."""
        chain = "\n".join(["type filter hook input priority 0;", *rules])
        self.do("nft", "-f", "-", input=f"table inet roost {{\nchain incoming {{\n{chain}\n}}\n}}\n")


def _numbers(pid):
    """What each process table calls a process, from this one's inwards."""
    return pathlib.Path(f"/proc/{pid}/status").read_text().split("NSpid:")[1].split("\n")[0].split()


class Machine(Place):
    """A machine with a loopback interface and nothing else."""

    def __init__(self, hosts=HOSTS, nameserver="127.0.0.1"):
        self._containers = []
        super().__init__(UNSHARE, hosts, nameserver)

    def container(self, hosts=HOSTS, nameserver="127.0.0.1"):
        """A container on this machine: the machine is 10.77.N.1 to it, and it is 10.77.N.2 to the machine."""
        container = Container(self, len(self._containers), hosts, nameserver)
        self._containers.append(container)
        return container

    def __exit__(self, *_):
        for container in self._containers:
            container.__exit__()
        # The first process of a process table: with it ends everything in there.
        subprocess.run(["kill", "-KILL", str(self.pid)], check=False)
        super().__exit__()


class Container(Place):
    """A network, a process table and mounts of its own on a machine."""

    def __init__(self, machine, number, hosts, nameserver):
        self.gateway, self.address = f"10.77.{number}.1", f"10.77.{number}.2"
        super().__init__(machine.inside(*UNSHARE), hosts, nameserver)
        outer, inner = f"veth{number}", "eth0"
        machine.do("ip", "link", "add", outer, "type", "veth", "peer", "name", inner)
        machine.do("ip", "link", "set", inner, "netns", _numbers(self.pid)[-2])
        machine.do("ip", "address", "add", f"{self.gateway}/24", "dev", outer)
        machine.do("ip", "link", "set", outer, "up")
        self.do("ip", "address", "add", f"{self.address}/24", "dev", inner)
        self.do("ip", "link", "set", inner, "up")
        self.do("ip", "route", "add", "default", "via", self.gateway)
