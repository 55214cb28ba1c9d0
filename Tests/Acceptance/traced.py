"""Traced apps and agents on machines of their own, and the doctor asked about them."""
from agent import BINARY
from processes import APPS
from reports import Report

NOBODY = 65534


def traced(place, tracer, *words, before=(), **variables):
    """The number of a traced app that has made a trace and goes on living; `before` are words before its command."""
    app = place.start(*before, tracer / "ddtrace-run", tracer / "python", APPS / "traced_job.py", "stay", *words,
                      ready="pid ", DD_SERVICE="shop", DD_ENV="test", **variables)
    return place.number(app.seen.rpartition("pid ")[2].split()[0])


def serve(place, **variables):
    return place.start(BINARY, "serve", ready="listening", **variables)


def diagnose(place, *arguments, **variables):
    return Report(place.roost("doctor", "--json", *arguments, **variables))
