import Testing

@testable import Diagnosis

@Suite("Lines that start an app again")
struct RestartTests {
  static let bootstrap = "/srv/.venv/lib/python3.13/site-packages/ddtrace/bootstrap"

  static func process(_ words: [String], _ environment: [String: String] = [:], _ language: String = "python")
    -> ProcessEvidence
  {
    var process = ProcessEvidence(pid: 812)
    process.commandLine = words
    process.environment = environment
    process.language = language
    return process
  }

  static func line(_ words: [String], _ environment: [String: String] = [:], _ language: String = "python") -> String {
    Restart.sending(to: "http://h:1", nil).line(process(words, environment, language))
  }

  @Test("What launched the app and replaced itself by it is there again")
  func launcher() {
    let path = ["PYTHONPATH": Self.bootstrap]
    #expect(Self.line(["python", "app.py"], path) == "DD_TRACE_AGENT_URL=http://h:1 ddtrace-run python app.py")
    #expect(
      Self.line(["/srv/.venv/bin/python3", "/srv/.venv/bin/flask", "run"], path)
        == "DD_TRACE_AGENT_URL=http://h:1 /srv/.venv/bin/ddtrace-run /srv/.venv/bin/flask run")
    // In an activated environment as it was typed.
    #expect(
      Self.line(
        ["/srv/.venv/bin/python3", "/srv/.venv/bin/flask", "run"], path.merging(["VIRTUAL_ENV": "/srv/.venv"]) { $1 })
        == "DD_TRACE_AGENT_URL=http://h:1 ddtrace-run flask run")
    #expect(
      Self.line(["/srv/.venv/bin/python", "app.py"], ["PYTHONPATH": "\(Self.bootstrap):/srv/lib dir"])
        == "DD_TRACE_AGENT_URL=http://h:1 PYTHONPATH='/srv/lib dir' /srv/.venv/bin/ddtrace-run /srv/.venv/bin/python app.py"
    )
    let open = "/a/lib/python3.12/site-packages/opentelemetry/instrumentation/auto_instrumentation"
    #expect(
      Self.line(["python", "app.py"], ["PYTHONPATH": open])
        == "DD_TRACE_AGENT_URL=http://h:1 opentelemetry-instrument python app.py")
  }

  @Test(
    "What makes other runtimes load a tracer stays",
    arguments: [
      (
        "nodejs", ["node", "app.js"], "NODE_OPTIONS", "--require dd-trace/init",
        "NODE_OPTIONS='--require dd-trace/init' node app.js"
      ),
      (
        "ruby", ["ruby", "app.rb"], "RUBYOPT", "-rddtrace/auto_instrument",
        "RUBYOPT=-rddtrace/auto_instrument ruby app.rb"
      ),
      ("java", ["java", "-javaagent:a.jar", "-jar", "b.jar"], "LANG", "C", "java -javaagent:a.jar -jar b.jar"),
      (
        "java", ["java", "-jar", "b.jar"], "JAVA_TOOL_OPTIONS", "-javaagent:a.jar",
        "JAVA_TOOL_OPTIONS=-javaagent:a.jar java -jar b.jar"
      ),
      ("dotnet", ["dotnet", "a.dll"], "CORECLR_ENABLE_PROFILING", "1", "CORECLR_ENABLE_PROFILING=1 dotnet a.dll"),
      (
        "dotnet", ["dotnet", "a.dll"], "DD_DOTNET_TRACER_HOME", "/opt/datadog",
        "DD_DOTNET_TRACER_HOME=/opt/datadog dotnet a.dll"
      ),
    ])
  func loading(_ language: String, _ words: [String], _ name: String, _ value: String, _ end: String) {
    #expect(Self.line(words, [name: value], language) == "DD_TRACE_AGENT_URL=http://h:1 \(end)")
  }

  @Test("What names the app stays, settings that say otherwise go, and no secret is shown")
  func variables() {
    let environment = [
      "DD_VERSION": "1.2", "DD_SERVICE": "my shop", "DD_ENV": "test", "DD_LOGS_INJECTION": "true",
      "DD_AGENT_HOST": "gone",
      "DD_TRACE_AGENT_PORT": "9", "DD_API_KEY": "…", "HTTP_PROXY": "http://proxy:1", "DD_TRACE_SAMPLE_RATE": "",
    ]
    #expect(
      Self.line(["python", "app.py"], environment)
        == "env -u DD_AGENT_HOST -u DD_TRACE_AGENT_PORT DD_TRACE_AGENT_URL=http://h:1 DD_SERVICE='my shop' DD_ENV=test "
        + "DD_VERSION=1.2 DD_LOGS_INJECTION=true python app.py")
    #expect(
      Self.line(["python", "app.py"], ["DD_TAGS": "team:a,token:…"])
        == "set DD_TRACE_AGENT_URL=http://h:1 for the app, and start it as before")
  }

  @Test(
    "Words are quoted where a shell would read them otherwise",
    arguments: [
      (["/opt/my app/run"], nil), (["app", "--name", "two words"], "app --name 'two words'"),
      (["app", "--name", ""], "app --name ''"), (["app", "$HOME", "a'b"], "app '$HOME' 'a'\\''b'"),
      (["python", "-c", "import a; a.b()"], "python -c 'import a; a.b()'"),
      (["gunicorn", "app:app", "-b", ":8000"], "gunicorn app:app -b :8000"),
    ] as [([String], String?)])
  func quoting(_ words: [String], _ end: String?) {
    #expect(Self.line(words) == end.map { "DD_TRACE_AGENT_URL=http://h:1 \($0)" } ?? Self.advice)
  }

  static let advice = "set DD_TRACE_AGENT_URL=http://h:1 for the app, and start it as before"

  @Test(
    "Where the whole command is not known, it is said what to change",
    arguments: [
      [], ["nginx: worker process"], ["nginx:", "worker", "process", "1000"], ["celery worker"], ["-bash"],
      ["app", "--token", "…"], ["app", "a\nb"], ["app", String(repeating: "a", count: 512)],
      Array(repeating: "a", count: 64),
      ["python", "-c", "from multiprocessing.spawn import m", "--multiprocessing-fork"],
    ])
  func advice(_ words: [String]) { #expect(Self.line(words) == Self.advice) }

  @Test("What is typed here would not start an app in a container, and Java's properties go before variables")
  func elsewhere() {
    var process = Self.process(["python", "app.py"], ["DD_TRACE_ENABLED": "false"])
    process.isInContainer = true
    #expect(
      Restart(unset: ["DD_TRACE_ENABLED"]).line(process)
        == "take DD_TRACE_ENABLED out of its settings, and start it as before")
    #expect(
      Restart.sending(to: "http://h:1", process).line(process, note: "there")
        == "set DD_TRACE_AGENT_URL=http://h:1 in the app's container, and start it as before (there)")
    #expect(Self.line(["java", "-Ddd.agent.host=x", "-jar", "a.jar"], [:], "java") == Self.advice)
  }

  @Test("Words are added, left out, and put before the command")
  func words() {
    let process = Self.process(["uwsgi", "--preload", "--http", ":1"], ["DD_SERVICE": "shop"])
    #expect(Restart(added: ["--lazy-apps"]).line(process) == "DD_SERVICE=shop uwsgi --preload --http :1 --lazy-apps")
    #expect(Restart(removed: ["--preload"]).line(process) == "DD_SERVICE=shop uwsgi --http :1")
    #expect(Restart(launcher: "ddtrace-run").line(process) == "DD_SERVICE=shop ddtrace-run uwsgi --preload --http :1")
    #expect(
      Restart(isThroughRoostRun: true).line(process, note: "so")
        == "DD_SERVICE=shop roost run -- uwsgi --preload --http :1   # so")
    #expect(
      Restart(isThroughRoostRun: true).line(nil) == "put `roost run --` in front of its command, and start it as before"
    )
    #expect(Restart(unset: ["A", "B"]).line(nil) == "take A and B out of its settings, and start it as before")
  }

  @Test("What ddtrace-run wrote because of a setting goes with it")
  func written() {
    let exporter = ["OTEL_TRACES_EXPORTER": "none", "PYTHONPATH": Self.bootstrap]
    for (value, kept) in [("False", ""), ("true", "DD_TRACE_ENABLED=true ")] {
      let process = Self.process(["python", "app.py"], exporter.merging(["DD_TRACE_ENABLED": value]) { $1 })
      #expect(
        Restart(unset: ["OTEL_TRACES_EXPORTER"]).line(process)
          == "env -u OTEL_TRACES_EXPORTER \(kept)ddtrace-run python app.py")
    }
    #expect(
      Restart(added: ["x"]).line(Self.process(["python", "app.py"], ["DD_TRACE_ENABLED": "False"]))
        == "DD_TRACE_ENABLED=False python app.py x")
  }

  @Test("uWSGI that is to load the tracer in its workers is not put under ddtrace-run again")
  func withoutLauncher() throws {
    var evidence = try DiagnosisTests.evidence("RST033")
    evidence.processes[0].environment["PYTHONPATH"] = "\(Self.bootstrap):/srv/lib"
    let rule = try #require(DiagnosisTable.find("RST033")).rule
    let fix = try #require(rule(evidence).first?.fix.first)
    #expect(fix.hasPrefix("DD_SERVICE=shop DD_ENV=local PYTHONPATH=/srv/lib uwsgi --http"), "\(fix)")
    #expect(fix.hasSuffix(" --lazy-apps --import=ddtrace.auto   # without ddtrace-run"), "\(fix)")
    evidence.processes[0].isInContainer = true
    let advice = try #require(rule(evidence).first?.fix.first)
    #expect(advice.contains("leave out ddtrace-run") && !advice.contains("put `"), "\(advice)")
  }

  @Test("An old tracer is told in its own variables")
  func oldNames() {
    var process = Self.process(["python", "app.py"], ["DD_TRACE_AGENT_URL": "http://h:1", "DATADOG_ENV": "test"])
    process.tracer = TracerEvidence(library: "ddtrace", version: "0.10.1")
    #expect(
      Restart.sending(to: "http://h:1", process).line(process)
        == "env -u DD_TRACE_AGENT_URL DATADOG_TRACE_AGENT_HOSTNAME=h DATADOG_TRACE_AGENT_PORT=1 DATADOG_ENV=test python app.py"
    )
  }
}
