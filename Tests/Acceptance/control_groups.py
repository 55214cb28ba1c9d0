"""Control groups named as container runtimes name them, and programs in them; gone when the test ends."""
import os
import pathlib
import secrets
import subprocess

import pytest

from processes import clean_environment, wait_until

# Moves itself into groups, hides their names as containers do, and becomes the program: arguments up to `--` are groups.
ENTER = 'while [ "$1" != -- ]; do echo $$ > "$1/cgroup.procs"; shift; done; shift; exec "$@"'
# What a container sees: its own group where the machine has the root of all.
MOUNT = 'mount --bind "$1" "$2" && shift 2 && exec "$@"'


class ControlGroups:
    """Groups in version 1's hierarchy `memory` and in that of version 2, as far as the machine has them."""

    def __init__(self):
        mounts = [line.split()[1:4] for line in pathlib.Path("/proc/mounts").read_text().splitlines()]
        memory = [place for place, kind, options in mounts if kind == "cgroup" and "memory" in options.split(",")]
        version2 = [place for place, kind, _ in mounts if kind == "cgroup2"]
        if not memory + version2:
            pytest.skip("needs control groups")
        # Tracers take an inode from the first of them.
        self.all = memory + version2
        self.made = []

    def make(self, id):
        """The folders of a container's group, one in each hierarchy."""
        folders = []
        for hierarchy in map(pathlib.Path, self.all):
            folder = hierarchy / f"roost-test-{os.getpid()}" / f"docker-{id}.scope"
            try:
                for part in (folder.parent, folder):
                    if not part.exists():
                        part.mkdir()
                        self.made.append(part)
            except OSError as error:
                pytest.skip(f"cannot make control groups: {error}")
            folders.append(folder)
        return folders

    def start(self, folders, *command, hides=False, mounts=False, **variables):
        """A program in groups; `hides` their names from it, `mounts` its own group where it looks for one."""
        words = [*(["unshare", "--cgroup", "--mount"] if hides else []),
                 *(["sh", "-c", MOUNT, "sh", folders[0], self.all[0]] if mounts else [])]
        return subprocess.Popen(
            [str(word) for word in ("sh", "-c", ENTER, "sh", *folders, "--", *words, *command)],
            env=clean_environment(**variables), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)

    def remove(self):
        # A group stays for a moment after its last process has ended.
        for folder in reversed(self.made):
            wait_until(lambda: _removes(folder), 10, f"{folder} to be empty")


def _removes(folder):
    try:
        folder.rmdir()
    except OSError:
        return False
    return True


def container_id():
    """Fresh digits, as Docker gives a container."""
    return secrets.token_hex(32)
