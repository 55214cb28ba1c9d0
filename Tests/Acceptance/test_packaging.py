"""The files that put roost on a server, looked at by those who know what they have to be like."""
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

from agent import BINARY, REPOSITORY

PACKAGING = REPOSITORY / "packaging"


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=60, **options)
    assert done.returncode == 0, f"{command[0]}: exit {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def tool(name):
    return pathlib.Path(sys.executable).parent / name


def test_linters_find_nothing_in_the_image_and_in_the_daemon_set():
    assert not run(tool("hadolint"), "--no-color", PACKAGING / "docker" / "Dockerfile")
    assert not run(tool("yamllint"), "--strict", "-c", PACKAGING / "yamllint.yaml", PACKAGING)
    assert "passed" in run(tool("kubernetes-validate"), "--strict", PACKAGING / "kubernetes" / "daemonset.yaml")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd-analyze")
def test_systemd_understands_the_unit_and_finds_it_closed(tmp_path):
    unit = tmp_path / "roost.service"
    unit.write_text((PACKAGING / "systemd" / "roost.service").read_text().replace("/usr/bin/roost", str(BINARY)))
    assert not run("systemd-analyze", "verify", "--man=no", unit)
    assert "OK" in run("systemd-analyze", "security", "--offline=true", "--threshold=25", "--no-pager", unit)


def test_the_example_of_a_configuration_says_nothing_that_is_wrong():
    assert "the agent starts with this configuration" in run(
        BINARY, "config", "check", "--strict", "--config", PACKAGING / "datadog.yaml")
    text = (PACKAGING / "datadog.yaml").read_text()
    uncommented = "\n".join(line.replace("#", "", 1) if line.lstrip()[:1] == "#" and line.lstrip()[1:2] != " " else line
                            for line in text.splitlines())
    run(BINARY, "config", "check", "--strict", "--config", "/dev/stdin", input=uncommented)


@pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="this is no Debian")
def test_the_debian_package_has_what_a_server_needs(tmp_path):
    if "libswiftCore" in run("ldd", BINARY):
        pytest.skip("this binary is linked with libraries that no package has")
    run(PACKAGING / "deb" / "build.sh", BINARY, tmp_path, env={**os.environ, "DEB_COMPRESSION": "none"})
    package, = tmp_path.glob("roost_*.deb")
    listed = run("dpkg-deb", "-c", package)
    for path in ("usr/bin/roost", "lib/systemd/system/roost.service", "usr/share/man/man1/roost.1.gz",
                 "usr/share/bash-completion/completions/roost", "usr/share/doc/roost/examples/datadog.yaml",
                 "etc/default/roost", "var/lib/roost/"):
        assert f" ./{path}\n" in listed, listed
    assert all(" root/root " in line for line in listed.splitlines()), listed
    depends = run("dpkg-deb", "-f", package, "Depends")
    assert all(name in depends for name in ("libc6 (>= ", "libmicrohttpd", "libnghttp2", "libyaml-0-2", "libsqlite3-0")), depends
    run("dpkg-deb", "-x", package, tmp_path / "root")
    assert run(tmp_path / "root" / "usr" / "bin" / "roost", "version") == run(BINARY, "version")
