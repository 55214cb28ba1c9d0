import Diagnosis
import Testing

@testable import Inspection

@Suite("What processes show of themselves")
struct SignTests {
  @Test(
    arguments: [
      ("/usr/bin/python3.12", "python3.12", ["python", "app.py"], "python"), ("", "uwsgi", ["uwsgi"], "python"),
      ("", "gunicorn", ["gunicorn: master [shop]"], "python"), ("/usr/bin/node", "MainThread", ["node"], "nodejs"),
      ("/usr/lib/jvm/bin/java", "java", ["java"], "java"), ("/usr/sbin/php-fpm8.2", "php-fpm8.2", [], "php"),
      ("/usr/bin/ruby3.1", "puma", ["puma 6.0"], "ruby"), ("/usr/bin/dotnet", "dotnet", [], "dotnet"),
      ("/usr/bin/node_exporter", "node_exporter", ["node_exporter"], ""), ("/usr/bin/javaws", "javaws", [], ""),
      ("/opt/shop", "shop", ["/opt/shop"], ""), ("/usr/sbin/nginx", "nginx", [], "cpp"),
    ]) func `the language is told by the program`(
      executable: String, name: String, arguments: [String], language: String
    )
  {
    #expect(ProgramLanguage.of(executable: executable, name: name, arguments: arguments) == language)
  }

  struct Case: Sendable {
    var arguments: [String] = []
    var environment: [String: String] = [:]
    var files: Set<String> = []
    var library: String?
    var version = ""
    var seenIn = ""
  }

  @Test(
    arguments: [
      Case(),
      Case(
        files: ["/v/lib/python3.12/site-packages/ddtrace/internal/_rand.so"], library: "ddtrace", seenIn: "maps"),
      Case(
        arguments: ["ddtrace-run", "python"], files: ["/v/lib/python3.12/site-packages/ddtrace/internal/_rand.so"],
        library: "ddtrace", seenIn: "maps"),
      Case(arguments: ["/v/bin/ddtrace-run", "python"], library: "ddtrace", seenIn: "command line"),
      Case(
        environment: ["PYTHONPATH": "/v/site-packages/ddtrace/bootstrap"], library: "ddtrace", seenIn: "environment"),
      Case(
        arguments: ["java", "-javaagent:/opt/dd-java-agent-1.38.0.jar"], library: "dd-java-agent", version: "1.38.0",
        seenIn: "command line"),
      Case(
        environment: ["JAVA_TOOL_OPTIONS": "-javaagent:/opt/dd-java-agent.jar"], library: "dd-java-agent",
        seenIn: "environment"),
      Case(environment: ["NODE_OPTIONS": "--require dd-trace/init"], library: "dd-trace-js", seenIn: "environment"),
      Case(
        files: ["/app/node_modules/@datadog/native-metrics/prebuilds/linux-x64/x.node"], library: "dd-trace-js",
        seenIn: "maps"),
      Case(
        files: ["/b/gems/datadog-2.3.0/lib/datadog_profiling_native_extension.so"], library: "datadog",
        version: "2.3.0", seenIn: "maps"),
      Case(files: ["/usr/lib/php/20220829/ddtrace.so"], library: "dd-trace-php", seenIn: "maps"),
      Case(
        environment: [
          "CORECLR_PROFILER_PATH": "/d/Datadog.Trace.ClrProfiler.Native.so", "CORECLR_ENABLE_PROFILING": "1",
        ],
        library: "dd-trace-dotnet", seenIn: "environment"),
      Case(environment: ["CORECLR_PROFILER_PATH": "/d/Datadog.Trace.ClrProfiler.Native.so"]),
      Case(
        arguments: ["java", "-javaagent:opentelemetry-javaagent.jar"], library: "opentelemetry", seenIn: "command line"),
      Case(arguments: ["vim", "notes-on-dd-trace.md"]), Case(environment: ["OTHER": "ddtrace-run"]),
      Case(files: ["/home/me/ddtrace/notes.txt"]),
    ]) func `a tracer is told by its signs`(_ given: Case)
  {
    let signs = TracerSigns(arguments: given.arguments, environment: given.environment, files: given.files)
    let expected = given.library.map { TracerEvidence(library: $0, version: given.version, seenIn: given.seenIn) }
    #expect(signs.tracer == expected)
  }

  @Test func `a hosts file is read in a resolver's order`() {
    let hosts = HostsFile(
      "127.0.0.1\tlocalhost me\n# ::2 localhost\n::1 LOCALHOST ip6 # note\n10.0.0.9 agent\nbroken\n")
    #expect(hosts.addresses(of: "localhost") == ["::1", "127.0.0.1"])
    #expect(hosts.addresses(of: "Agent") == ["10.0.0.9"])
    #expect(hosts.addresses(of: "note").isEmpty)
    #expect(
      hosts.lines(about: ["localhost", "agent"]) == ["127.0.0.1 localhost", "::1 localhost", "10.0.0.9 agent"])
  }

  @Test func `published ports are told by the proxies' command lines`() {
    let line = ["/usr/bin/docker-proxy", "-proto", "tcp", "-host-ip", "0.0.0.0", "-host-port", "8126"]
    #expect(PublishedPorts.ports(in: [line, ["python", "-host-port", "1"]]) == [8126])
    #expect(PublishedPorts.ports(in: [["docker-proxy", "-proto", "udp", "-host-port", "8125"]]).isEmpty)
    #expect(PublishedPorts.ports(in: [["docker-proxy", "-host-port"]]).isEmpty)
  }

  @Test func `variables of interest are kept, others and secrets are not`() {
    #expect(
      VariablesOfInterest.selected(from: [
        "DD_ENV": "", "DD_API_KEY": "x", "http_proxy": "http://u:p@proxy:3128", "NO_PROXY": "localhost", "HOME": "/me",
        "DATABASE_URL": "postgres://", "LD_PRELOAD": "/x.so", "DD_TAGS": "key:0123456789abcdef0123456789abcdef",
      ]) == [
        "DD_ENV": "", "DD_API_KEY": "…", "http_proxy": "http://…@proxy:3128", "NO_PROXY": "localhost",
        "LD_PRELOAD": "/x.so", "DD_TAGS": "key:…",
      ])
  }

  @Test func `a value is cut behind a secret and not within it`() {
    let key = "0123456789abcdef0123456789abcdef"
    for before in (VariablesOfInterest.valueMax - 40)..<VariablesOfInterest.valueMax {
      let kept = VariablesOfInterest.selected(from: ["DD_TAGS": String(repeating: "x", count: before) + " " + key])
      #expect(kept["DD_TAGS"]?.hasPrefix("xxx") == true && kept["DD_TAGS"]?.contains("0") == false)
    }
  }

  @Test(
    arguments: [
      (["/usr/bin/python3.12", "/srv/shop.py", "--x"], ["python3.12", "python", "shop.py", "shop"]),
      (["java", "-Xmx1g", "-jar", "/opt/shop.jar"], ["java", "shop"]),
      (["python", "-m", "flask", "run"], ["python", "flask"]),
    ]) func `a process is found by what people call it`(arguments: [String], names: [String])
  {
    var raw = RawProcess(pid: 1)
    raw.name = "short"
    raw.arguments = arguments
    #expect(ProcessFinder.names(of: raw).isSuperset(of: names + ["short"]))
    #expect(!ProcessFinder.names(of: raw).contains(""))
  }
}
