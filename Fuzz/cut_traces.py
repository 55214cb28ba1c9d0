"""Cuts captured requests down to spans of a few attributes, which together have all the keys that the requests have."""
import base64
import json
import pathlib

import messagepack
from seedfolder import Unseen

CAPTURED = pathlib.Path(__file__).parent.parent / "fixtures" / "captured"


def captured():
    """Name, path and body of each request with traces."""
    for file in sorted(CAPTURED.glob("*-traces-*.json")):
        if not file.name.endswith(".expected.json"):
            request = json.loads(file.read_text())
            yield file.stem, request["path"], base64.b64decode(request["body"])


def spans_v04(body):
    return [span for trace in messagepack.parts(body) for span in messagepack.parts(trace)]


def cut_v04(span, unseen):
    fields = []
    for key, value in messagepack.pairs(span):
        name = messagepack.text(key)
        if name in (b"meta", b"metrics", b"meta_struct"):
            value = messagepack.table(unseen.pick(name, messagepack.pairs(value)))
        elif name in (b"span_links", b"span_events"):
            value = messagepack.array(unseen.pick(name, messagepack.parts(value), lambda part: part)[:1])
        fields.append((key, value))
    unseen.pick("fields", [(tuple(key for key, _ in fields),)])
    return messagepack.table(fields)


def cut_v05(span, texts, unseen):
    """A body with one span and the texts that it refers to, the empty one first."""
    table = [b"\xa0"]

    def reference(value):
        text = texts[messagepack.integer(value)]
        if text not in table:
            table.append(text)
        return messagepack.number(table.index(text))

    fields = messagepack.parts(span)
    key = lambda entry: texts[messagepack.integer(entry[0])]
    meta = unseen.pick("meta", messagepack.pairs(fields[9]), key)
    metrics = unseen.pick("metrics", messagepack.pairs(fields[10]), key)
    fields[9] = messagepack.table([(reference(key), reference(value)) for key, value in meta])
    fields[10] = messagepack.table([(reference(key), value) for key, value in metrics])
    for place in (0, 1, 2, 11):
        fields[place] = reference(fields[place])
    return messagepack.array([messagepack.array(table), messagepack.array([messagepack.array([messagepack.array(fields)])])])


def small_spans_v04():
    """Name and span."""
    unseen = Unseen()
    for name, path, body in captured():
        try:
            spans = [] if path.startswith("/v0.5/") else spans_v04(body)
        except IndexError:  # A request that was cut off is among them.
            continue
        for number, span in enumerate(spans):
            for part, cut in enumerate(unseen.rounds(lambda: cut_v04(span, unseen))):
                yield f"{name}-{number}-{part}", cut


def small_bodies_v05():
    """Name and body."""
    unseen = Unseen()
    for name, path, body in captured():
        if not path.startswith("/v0.5/"):
            continue
        texts, traces = messagepack.parts(body)
        texts = messagepack.parts(texts)
        for number, span in enumerate(span for trace in messagepack.parts(traces) for span in messagepack.parts(trace)):
            for part, cut in enumerate(unseen.rounds(lambda: cut_v05(span, texts, unseen))):
                yield f"{name}-{number}-{part}", cut
