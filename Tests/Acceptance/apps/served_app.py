"""A WSGI app that makes a trace at each request, and a celery app whose worker runs a task when it is ready."""
import os
import sys

try:
    from ddtrace.trace import tracer
except ImportError:
    from ddtrace import tracer


def application(_, start_response):
    with tracer.trace("web.request", service="shop", resource="GET /"):
        start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"ok\n"]


if "celery" in sys.modules:
    from celery import Celery
    from celery.signals import worker_ready

    app = Celery("jobs", broker="filesystem://")
    folder = os.environ["JOBS_FOLDER"]
    app.conf.broker_transport_options = {"data_folder_in": folder, "data_folder_out": folder}
    app.conf.control_folder = folder

    @app.task
    def nightly():
        return 1

    @worker_ready.connect
    def begin(**_):
        nightly.delay()
