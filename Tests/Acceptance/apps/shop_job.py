"""Requests of a shop, with what ddtrace makes of them: an exception, and a query for each row (N+1)."""
import sqlite3
import time

from ddtrace import patch
from ddtrace.trace import tracer

PLACE = "file:shop?mode=memory&cache=shared"
# Filled before sqlite3 is traced: a shop does not make its tables in a request.
rows = sqlite3.connect(PLACE, uri=True)
rows.execute("CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT)")
rows.executemany("INSERT INTO items (name) VALUES (?)", [(f"item {number}",) for number in range(40)])
rows.commit()
patch(sqlite3=True)
database = sqlite3.connect(PLACE, uri=True)


def request(resource, seconds=0.002):
    span = tracer.trace("flask.request", service="shop", resource=resource, span_type="web")
    time.sleep(seconds)
    return span


def cart(rows):
    with request("GET /cart"), tracer.trace("shop.read_cart", resource="read cart"):
        for number in range(rows):
            database.execute("SELECT name FROM items WHERE id = ?", (number,)).fetchone()


def checkout():
    with request("POST /checkout") as span:
        span.set_tag("http.status_code", "500")
        with tracer.trace("shop.pay", service="till", resource="charge"):
            raise RuntimeError("the till is closed")


for number in range(20):
    with request("GET /", 0.001 * (number % 5)):
        pass
cart(31)
for _ in range(3):
    try:
        checkout()
    except RuntimeError:
        pass
tracer.flush()
