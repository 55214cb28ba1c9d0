"""Traced apps and agents on machines of their own, and the doctor asked about them."""
import pathlib
import sys

from agent import BINARY
from processes import APPS
from reports import Report

NOBODY = 65534
AS_NOBODY = ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]


def traced(place, tracer, *words, before=(), **variables):
    """The number of a traced app that has made a trace and goes on living; `before` are words before its command."""
    app = place.start(*before, tracer / "ddtrace-run", tracer / "python", APPS / "traced_job.py", "stay", *words,
                      ready="pid ", DD_SERVICE="shop", DD_ENV="test", **variables)
    return place.number(app.seen.rpartition("pid ")[2].split()[0])


def open_to_everyone(place, tracer):
    """Lets every user run roost and traced apps here, wherever they and their Python are.

    A folder on the way that only its owner may enter, such as /root, gets a stand-in in this place that holds nothing
    but what the app needs.
    """
    needed = {(tracer / "python").resolve().parents[1], tracer.parent.resolve(), APPS, pathlib.Path(sys.base_prefix),
              BINARY.resolve().parent}
    closed = {}
    for folder in needed:
        for outer in reversed(folder.parents):
            if not outer.stat().st_mode & 0o001:
                closed.setdefault(outer, []).append(folder)
                break
    for outer, folders in closed.items():
        for number, folder in enumerate(folders):
            place.do("mkdir", "-p", f"/run/needed/{number}")
            place.do("mount", "--bind", folder, f"/run/needed/{number}")
        place.do("mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", outer)
        for number, folder in enumerate(folders):
            place.do("mkdir", "-p", folder)
            place.do("mount", "--bind", f"/run/needed/{number}", folder)


def serve(place, **variables):
    return place.start(BINARY, "serve", ready="listening", **variables)


def diagnose(place, *arguments, **variables):
    return Report(place.roost("doctor", "--json", *arguments, **variables))
