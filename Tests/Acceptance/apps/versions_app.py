# -*- coding: utf-8 -*-
"""A shop that asks itself for its pages, so many times each. Version 1.1 has a slower cart and a till that often fails."""
import os
import sys
import time

from flask import Flask

NEW = os.environ["DD_VERSION"] == "1.1"
app = Flask(__name__)
paid = []


@app.route("/cart")
def cart():
    time.sleep(0.025 if NEW else 0.002)
    return "2 items"


@app.route("/checkout", methods=["POST"])
def checkout():
    paid.append(1)
    if NEW and len(paid) % 3 == 0:
        raise RuntimeError("the till is closed")
    return "paid"


@app.route("/health")
def health():
    return "fine"


client = app.test_client()
for _ in range(int(sys.argv[1])):
    # Buffered: an answer that nobody reads to its end leaves its span open.
    client.get("/cart", buffered=True)
    client.post("/checkout", buffered=True)
    client.get("/health", buffered=True)
