"""Rules with patterns, all in one datadog.yaml, with a real tracer: judged by what the intake got."""
import json
import subprocess

from agent import BINARY, Agent, Intake
from processes import APPS, clean_environment, wait_until
from test_obfuscation import bodies

SECRET = "s3cr3t-plant"
RULES = """
apm_config:
  ignore_resources: ["^GET /ping$"]
  filter_tags: {reject: ["outcome:probe"]}
  filter_tags_regex: {require: ["team:^co"], reject: ["url:^(a+)+$"]}
  replace_tags:
    - {name: link, pattern: "(token=)[^&]*", repl: "${1}?"}
    - {name: resource.name, pattern: "s3cr3t-\\\\w+", repl: "[REDACTED]"}
    - {name: "*", pattern: "s3cr3t-[a-z]+", repl: "<hidden>"}
    - {name: account, pattern: "^4711.*", repl: "hidden account"}
    - {name: url, pattern: "(a+)+$", repl: "x"}
"""


def test_rules_of_one_file_decide_what_the_intake_gets(tracer, tmp_path):
    with Intake() as intake, Agent(intake=intake.port, configuration=RULES) as agent:
        subprocess.run([tracer / "python", APPS / "ruled_job.py", SECRET], check=True, timeout=30, cwd=tmp_path,
                       env=clean_environment(DD_TRACE_AGENT_URL=f"http://127.0.0.1:{agent.port}"))
        wait_until(lambda: agent.ask("info")["received"]["traces"] == 5, 10, "the traces")
        info = agent.ask("info")
        assert {rule: counts["traces"] for rule, counts in info["filtered"].items()} == {
            "ignore_resources ^GET /ping$": 1, "filter_tags_reject outcome:probe": 1,
            "filter_tags_regex_require team:^co": 1}
        # What came in is what went on and what rules dropped.
        assert info["received"]["traces"] == info["kept"]["traces"] + sum(
            counts["traces"] for counts in info["dropped"].values())
        # A pattern that explodes keeps the trace and hides the value.
        assert info["undecided"] == {"filter_tags_regex_reject url:^(a+)+$": 1, "replace_tags url:(a+)+$": 1}
        assert "ignore_resources ^GET /ping$" in agent.command("info", "-v")
        assert {row["resource"] for row in agent.ask("resources", "ruled")["resources"]} == {"GET /cart", "GET /slow"}
        assert agent.stop() == 0, agent.text()
        sent = b"".join(bodies(intake))
        for text in b"token=?&next=1", b"call [REDACTED]", b"x <hidden> y", b"hidden account", b"GET /cart", b"GET /slow":
            assert text in sent, text
        for text in SECRET.encode(), b"GET /ping", b"GET /other", b"GET /nobody", b"a" * 100:
            assert text not in sent, text


def test_a_configuration_is_checked_without_starting_the_agent(tmp_path):
    def check(text, *words):
        (tmp_path / "datadog.yaml").write_text(text)
        done = subprocess.run([str(BINARY), "config", "check", "--config", "datadog.yaml", *words], cwd=tmp_path,
                              capture_output=True, text=True, env=clean_environment(), timeout=20)
        assert not done.stderr, done.stderr
        return done.returncode, done.stdout

    assert check(RULES.replace('{name: url, pattern: "(a+)+$", repl: "x"}', "{name: b, pattern: c}")
                 .replace("^(a+)+$", "^a+$")) == (
        0, "apm_config.ignore_resources: 1 pattern\napm_config.filter_tags_regex.reject: 1 pattern\n"
           "apm_config.filter_tags_regex.require: 1 pattern\napm_config.replace_tags: 5 patterns\n"
           "the agent starts with this configuration\n")
    slow = "apm_config:\n  ignore_resources:\n    - (a+)+$\n"
    assert check(slow)[0] == 0 and check(slow, "--strict")[0] == 78
    assert 'warning: datadog.yaml:2: apm_config.ignore_resources: "(a+)+$" is too slow' in check(slow)[1]
    code, text = check('apm_config:\n  ignore_resources: [ok, "a("]\n  zebra: 1\n', "--json")
    document = json.loads(text)
    assert code == 78 and document["schema"] == "roost.config-check.v1" and not document["starts"]
    assert document["problems"] == [
        {"severity": "warning", "place": "datadog.yaml:3", "message": "apm_config.zebra: unknown key"},
        {"severity": "error", "place": "datadog.yaml:2", "message":
         'apm_config.ignore_resources: entry 2, "a(": missing closing parenthesis, at character 3'}]
