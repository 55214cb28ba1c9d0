"""What `roost doctor` said, checked for its form each time it is read."""
import json
import re
import subprocess

from agent import BINARY
from environments import REPOSITORY
from processes import clean_environment

SEVERITIES = ["problem", "warning", "note"]
DIAGNOSES = len(list((REPOSITORY / "Sources/Diagnosis/Explanations").glob("RST*.swift")))


class Report:
    """One answer of the doctor as a document."""

    def __init__(self, done):
        self.done = done
        self.document = json.loads(done.stdout)
        assert self.document["schema"] == "roost.doctor.v1"
        self.findings = self.document["findings"]
        assert self.document["checked"] + sum(
            re.fullmatch(r"RST\d{3}", entry["id"]) is not None for entry in self.document["not_checked"]) == DIAGNOSES
        order = [SEVERITIES.index(finding["severity"]) for finding in self.findings]
        assert order == sorted(order), self.text()
        for finding in self.findings:
            assert re.fullmatch(r"RST\d{3}", finding["id"]) and finding["title"], finding
            assert finding["because"] and finding["fix"], finding
        assert done.returncode == (1 if "problem" in {finding["severity"] for finding in self.findings} else 0), self.text()

    @property
    def first(self):
        """The id of the worst finding, or nothing."""
        return self.findings[0]["id"] if self.findings else None

    @property
    def problems(self):
        return [finding["id"] for finding in self.findings if finding["severity"] == "problem"]

    def text(self):
        return json.dumps(self.document, indent=1)

    def says(self, *words):
        """The first finding has each of these somewhere in its title, its evidence or its fix."""
        finding = json.dumps(self.findings[0], ensure_ascii=False) if self.findings else ""
        missing = [word for word in words if word not in finding]
        assert not missing, f"{missing} not in {self.text()}"
        return self


def doctor(*arguments, input=None, **variables):
    """The doctor's report on this machine."""
    done = subprocess.run([str(BINARY), "doctor", "--json", *map(str, arguments)], capture_output=True, text=True, input=input,
                          timeout=30, env=clean_environment(**variables))
    return Report(done)
