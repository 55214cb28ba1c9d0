"""Apps under real tracers for the doctor to look at."""
import pytest

import environments
from processes import APPS


def programs(ddtrace, python):
    """The folder of programs of a tracer; skips by name where its Python is missing."""
    client = environments.Client(ddtrace, python)
    try:
        return environments.environment(client) / "bin"
    except environments.PythonMissing as missing:
        pytest.skip(f"{client}: {missing}")


def start(place, programs, *words, **variables):
    """A traced app that has made a trace and goes on living; its number on the machine is `app.number`."""
    app = place.start(programs / "ddtrace-run", programs / "python", APPS / "traced_job.py", "stay", *words, ready="pid ",
                      DD_SERVICE="shop", DD_ENV="test", **variables)
    app.number = place.number(app.seen.rpartition("pid ")[2].split()[0])
    return app
