"""Where a script puts the inputs that fuzzing begins with."""
import pathlib
import re

SOURCES = pathlib.Path(__file__).parent.parent / "Sources"


class SeedFolder:
    """`small`: what is changed again and again, so a change of any part is likely, and each try takes a moment. `large`: what
    real clients send, tried once in a round."""

    SMALL_MAX = 600

    def __init__(self, path):
        self.folders = {name: pathlib.Path(path) / name for name in ("small", "large")}
        for folder in self.folders.values():
            folder.mkdir(parents=True, exist_ok=True)

    def add(self, name, body, choices=(None,)):
        """Writes a seed for each byte that is to stand in front of the body; `None` for no such byte."""
        folder = self.folders["small" if len(body) <= self.SMALL_MAX else "large"]
        for choice in choices:
            if choice is None:
                (folder / name).write_bytes(body)
            else:
                (folder / f"{name}-{choice:02x}").write_bytes(bytes([choice]) + body)

    def add_words(self, words):
        """What is put into inputs on the way: texts that are looked up in tables, which no comparison of bytes tells."""
        lines = ['"' + "".join(f"\\x{byte:02x}" for byte in word) + '"' for word in sorted(set(words)) if word]
        (self.folders["small"].parent / "words.dict").write_text("\n".join(["# Words", *lines]) + "\n")


def words_of(*files, pattern=r"[A-Za-z_@:][A-Za-z0-9_.:-]+"):
    """The words that stand in quotes in sources."""
    text = "".join((SOURCES / file).read_text() for file in files)
    return [word.encode() for word in re.findall(r'"([^"\\\n]{2,40})"', text) if re.fullmatch(pattern, word)]


class Unseen:
    """Picks what no seed had yet, a few at a time."""

    def __init__(self, most=4):
        self.most = most
        self.seen = set()
        self.found = False

    def pick(self, kind, entries, key=lambda entry: entry[0]):
        """The first entries whose keys are new, or else the first entry, so that no list is empty that was not."""
        new = [entry for entry in entries if (kind, key(entry)) not in self.seen][:self.most]
        self.seen.update((kind, key(entry)) for entry in new)
        self.found = self.found or bool(new)
        return new or entries[:1]

    def rounds(self, make):
        """What `make` returns, again and again, as long as it picks something new."""
        while True:
            self.found = False
            seed = make()
            if not self.found:
                return
            yield seed
