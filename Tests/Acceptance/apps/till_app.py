# -*- coding: utf-8 -*-
"""A shop that asks its database in a loop, calls another shop, and fails at its till. Python 2.7 to 3.13."""
import os
import sqlite3

import requests
from flask import Flask, request

app = Flask(__name__)
NAMES = ["shoes", "hat", "coat", "scarf", "gloves", "belt", "shirt", "socks"]


@app.route("/items")
def items():
    connection = sqlite3.connect(":memory:")
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE items (id INTEGER, name TEXT)")
    for number in range(len(NAMES)):
        cursor.execute("SELECT name FROM items WHERE id = ?", (number,))
        cursor.fetchone()
    return "8 items\n"


@app.route("/cart")
def cart():
    return requests.get("http://127.0.0.1:%s/stock" % request.args["shop"], timeout=10).text


@app.route("/stock")
def stock():
    return "enough\n"


@app.route("/checkout")
def checkout():
    raise RuntimeError("the till is closed")


if __name__ == "__main__":
    app.run(port=int(os.environ["RICH_PORT"]), threaded=True)
