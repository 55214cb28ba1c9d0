/// RST031, RST032 and RST034: the tracer is off, not there, or ends before it has sent.
enum TracerRules {
  static func turnedOff(_ evidence: Evidence) -> [Finding] {
    var findings = evidence.processes.flatMap(turnedOffIn) + evidence.log.compactMap(turnedOffInLog)
    if !evidence.configuration.isTracingEnabled {
      findings.append(
        Finding(
          "RST031", .problem, "roost is configured to take no traces",
          because: ["apm_config.enabled is false (DD_APM_ENABLED)"],
          fix: [evidence.serving(settings: "DD_APM_ENABLED=true")],
          explains: ["RST001"]))
    }
    return findings
  }

  private static func turnedOffIn(_ process: ProcessEvidence) -> [Finding] {
    TracerSwitches.set(in: process).compactMap { found in
      let effect = found.effect
      let because = [found.setting] + effect.reason
      let fix = [found.restart.line(process)]
      switch effect.kind {
      case .none: return nil
      case .ignored:
        return Finding(
          "RST031", .note, "\(found.setting) does not turn tracing off in \(process.naming)", because: because,
          fix: fix, pid: process.pid)
      case .fewer:
        return Finding(
          "RST031", .warning, "\(process.naming) sends one trace a minute at most: \(found.setting)", because: because,
          fix: fix, pid: process.pid)
      case .off, .perhaps:
        var finding = Finding(
          "RST031", effect.kind == .off ? .problem : .warning,
          "Tracing is turned off in \(process.naming) by \(found.setting)", because: because, fix: fix,
          explains: ["RST032"], pid: process.pid)
        finding.deniesArrival = true
        return finding
      }
    }
  }

  private static func turnedOffInLog(_ line: LogEvidence) -> Finding? {
    guard line.settings["enabled"] == "false" else { return nil }
    let service = line.settings["service"].map { " of \($0)" } ?? ""
    return Finding(
      "RST031", .problem, "The tracer\(service) told when it started that it is turned off",
      because: [line.quote, "enabled is false"],
      fix: [Restart(unset: ["DD_TRACE_ENABLED", "DD_APM_TRACING_ENABLED"]).line(nil)])
  }

  static func notLoaded(_ evidence: Evidence) -> [Finding] {
    let found = evidence.processes.compactMap(notLoadedIn)
    return evidence.question.kind == "machine" && found.count > 0 ? [together(found, evidence)] : found
  }

  /// As many programs as a reader takes in at once.
  private static let shownTogetherMax = 8

  /// Variables that a shell exports reach programs that nobody meant to trace, so that of a whole machine this is told
  /// once, and not as a problem.
  private static func together(_ found: [Finding], _ evidence: Evidence) -> Finding {
    var finding = found[0]
    finding.severity = .warning
    guard found.count > 1 else { return finding }
    let shown = found.prefix(shownTogetherMax).compactMap { evidence.process($0.pid)?.naming }
    finding.title = "\(found.count) programs have a tracer's settings and no tracer"
    finding.because = shown + (found.count > shown.count ? ["and \(found.count - shown.count) more"] : [])
    finding.fix = [
      "roost doctor --pid \(found[0].pid.map(String.init) ?? "PID")   # how to start the first of them with a tracer"
    ]
    finding.pid = nil
    finding.pids = Set(found.compactMap(\.pid))
    return finding
  }

  private static func notLoadedIn(_ process: ProcessEvidence) -> Finding? {
    guard process.tracer == nil, process.isTracerSearchConclusive, process.isEnvironmentReadable,
      !process.commandLine.isEmpty, let way = ways[process.language]
    else { return nil }
    let installed = process.installedTracer.map { tracer in
      "\(tracer.library)\(tracer.version.isEmpty ? "" : " \(tracer.version)") is installed, but not loaded"
    }
    let install = installed == nil ? way.install.map { [$0(process)] } ?? [] : []
    return Finding(
      "RST032", .problem, "No tracer is loaded in \(process.naming)",
      because: ["neither \(way.looked) names one"] + (installed.map { [$0] } ?? []),
      fix: install + [way.restart(process).line(process)], pid: process.pid)
  }

  /// How an app of a language is given a tracer.
  private struct Way {
    /// Where a tracer would show.
    let looked: String
    /// What brings the tracer's package; `nil` where the other step does.
    var install: (@Sendable (ProcessEvidence) -> String)?
    let restart: @Sendable (ProcessEvidence) -> Restart
  }

  /// One option more in a variable that a runtime adds to its command line.
  private static func adding(_ option: String, to name: String, _ process: ProcessEvidence) -> Restart {
    Restart(set: [(name, (process.setting(name).map { $0 + " " } ?? "") + option)])
  }

  private static let ways: [String: Way] = [
    "python": Way(
      looked: "its command line nor PYTHONPATH nor a mapped library",
      install: { "\(RequestRules.pip($0)) install ddtrace" },
      restart: { Restart(launcher: StartCommand.ddtraceRun($0)) }),
    "java": Way(
      looked: "its command line nor JAVA_TOOL_OPTIONS",
      install: { _ in "curl -Lo dd-java-agent.jar https://dtdg.co/latest-java-tracer" },
      restart: { adding("-javaagent:dd-java-agent.jar", to: "JAVA_TOOL_OPTIONS", $0) }),
    "nodejs": Way(
      looked: "its command line nor NODE_OPTIONS nor a mapped library", install: { _ in "npm install dd-trace" },
      restart: { adding("--require dd-trace/init", to: "NODE_OPTIONS", $0) }),
    "ruby": Way(
      looked: "its command line nor RUBYOPT nor a mapped library", install: { _ in "bundle add datadog" },
      restart: { adding("-rdatadog/auto_instrument", to: "RUBYOPT", $0) }),
    "dotnet": Way(
      looked: "its variable CORECLR_ENABLE_PROFILING nor a mapped library",
      restart: { _ in
        Restart(set: [
          ("CORECLR_ENABLE_PROFILING", "1"), ("CORECLR_PROFILER", "{846F5F1C-F9AE-4B07-969E-05C26BC060D8}"),
          ("CORECLR_PROFILER_PATH", "/opt/datadog/Datadog.Trace.ClrProfiler.Native.so"),
          ("DD_DOTNET_TRACER_HOME", "/opt/datadog"),
        ])
      }),
    "php": Way(
      looked: "a mapped ddtrace.so nor its command line",
      install: { _ in "php datadog-setup.php --php-bin=all" }, restart: { _ in Restart() }),
  ]

  static func vanished(_ evidence: Evidence) -> [Finding] {
    evidence.clientIssues("client_vanished").filter { !isRunning($0, evidence) }.map { clientIssues in
      let who = clientIssues.client.isEmpty ? "A client" : "A client (\(clientIssues.client))"
      return Finding(
        "RST034", evidence.severity(.warning, of: [clientIssues]),
        "\(who) asked what roost can do, then ended without sending (\(times(clientIssues.count)))",
        because: ["GET /info or an empty probe came, and no traces after it"] + clientIssues.details,
        fix: flushing(clientIssues.client))
    }
  }

  /// Whoever it was still runs and may send yet, or it is another one than was asked about.
  private static func isRunning(_ issue: ClientIssueEvidence, _ evidence: Evidence) -> Bool {
    guard issue.client.hasPrefix("pid "), let pid = Int64(issue.client.dropFirst(4)) else { return false }
    return evidence.question.isAboutApps
      || evidence.processes.contains { $0.pid == pid || $0.descendants.contains(pid) }
  }

  private static func flushing(_ client: String) -> [String] {
    let language = client.split(separator: " ").first.map(String.init) ?? ""
    return switch language {
    case "python": ["let the program call tracer.shutdown() before os._exit()"]
    case "nodejs", "javascript": ["let the program set process.exitCode and end by itself, instead of process.exit(0)"]
    case "go": ["let main begin with: defer tracer.Stop()"]
    case "ruby": ["let the program call Datadog.shutdown! before exit!"]
    case "java", "jvm": ["let it be ended by SIGTERM instead of SIGKILL"]
    case ".NET", "dotnet": ["let the program call await Tracer.Instance.ForceFlushAsync() before it ends"]
    default: ["let the program end by itself, or flush its tracer before it ends"]
    }
  }
}

/// How often something happened, in words: `once`, `12 times`.
func times(_ count: UInt64) -> String { count == 1 ? "once" : "\(count) times" }

extension ProcessEvidence {
  /// On the command line or in the variables that Java adds to it.
  func hasOption(_ option: String) -> Bool {
    commandLine.contains(option)
      || ["JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS"].contains { name in
        setting(name).map { $0.split(separator: " ").contains { $0 == option } } ?? false
      }
  }
}
