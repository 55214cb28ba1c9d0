/// The settings of one process that say where its agent is, in the order in which its language's tracer reads them.
struct TargetSettings {
  typealias Setting = (name: String, value: String)

  private let process: ProcessEvidence
  /// Major and minor number of the tracer, where known.
  private let version: (major: Int, minor: Int)?

  init(_ process: ProcessEvidence) {
    self.process = process
    let tracer = process.tracer ?? process.installedTracer
    let numbers = (tracer?.version ?? "").split(separator: ".").prefix(2).map { Int($0) }
    version = if let major = numbers.first ?? nil { (major, numbers.count > 1 ? numbers[1] ?? 0 : 0) } else { nil }
  }

  /// A setting that gives the agent's whole address; `nil` when none is set or the tracer is too old to read it.
  var url: Setting? {
    if isBefore(0, 38, language: "python") { return nil }
    return first(process.language == "nodejs" ? ["DD_TRACE_AGENT_URL", "DD_TRACE_URL"] : ["DD_TRACE_AGENT_URL"])
  }

  /// A unix socket given by its path alone.
  var socket: Setting? {
    switch process.language {
    case "java": first(["DD_TRACE_AGENT_UNIX_DOMAIN_SOCKET"])
    case "dotnet": first(["DD_APM_RECEIVER_SOCKET"])
    default: nil
    }
  }

  var host: Setting? {
    switch process.language {
    case "python" where isBefore(0, 15, language: "python"): first(["DATADOG_TRACE_AGENT_HOSTNAME"])
    case "python" where isBefore(1, 0, language: "python"): first(["DD_AGENT_HOST", "DATADOG_TRACE_AGENT_HOSTNAME"])
    case "python" where isBefore(4, 0, language: "python"): first(["DD_AGENT_HOST", "DD_TRACE_AGENT_HOSTNAME"])
    case "python": first(["DD_TRACE_AGENT_HOSTNAME", "DD_AGENT_HOST"])
    case "nodejs", "php": first(["DD_AGENT_HOST", "DD_TRACE_AGENT_HOSTNAME"])
    case "dotnet": first(["DD_AGENT_HOST", "DD_TRACE_AGENT_HOSTNAME", "DATADOG_TRACE_AGENT_HOSTNAME"])
    case "ruby", "java", "go", "cpp": first(["DD_AGENT_HOST"])
    default: first(["DD_AGENT_HOST", "DD_TRACE_AGENT_HOSTNAME", "DATADOG_TRACE_AGENT_HOSTNAME"])
    }
  }

  var port: Setting? {
    switch process.language {
    case "python" where isBefore(0, 15, language: "python"): first(["DATADOG_TRACE_AGENT_PORT"])
    case "python" where isBefore(4, 0, language: "python"): first(["DD_AGENT_PORT", "DD_TRACE_AGENT_PORT"])
    case "python", "java": first(["DD_TRACE_AGENT_PORT", "DD_AGENT_PORT"])
    case "dotnet": first(["DD_TRACE_AGENT_PORT", "DATADOG_TRACE_AGENT_PORT"])
    default: first(["DD_TRACE_AGENT_PORT"])
    }
  }

  /// The variables, older than `DD_TRACE_AGENT_URL`, by which this tracer is told its agent; `nil` for tracers that read
  /// that one.
  var namesBeforeURL: (host: String, port: String)? {
    if isBefore(0, 15, language: "python") { return ("DATADOG_TRACE_AGENT_HOSTNAME", "DATADOG_TRACE_AGENT_PORT") }
    return isBefore(0, 38, language: "python") ? ("DD_AGENT_HOST", "DD_TRACE_AGENT_PORT") : nil
  }

  /// Tracers of C++, and Python's before 0.58, do not look for the socket.
  var looksForDefaultSocket: Bool { process.language != "cpp" && !isBefore(0, 58, language: "python") }

  /// Ruby's, .NET's and Node's newer tracers do not leave it to the resolver.
  var defaultHost: String {
    ["ruby", "dotnet", "nodejs"].contains(process.language) ? "127.0.0.1" : "localhost"
  }

  private func isBefore(_ major: Int, _ minor: Int, language: String) -> Bool {
    guard process.language == language, let version else { return false }
    return version < (major, minor)
  }

  /// The first that is set to something. Java's system properties go before its variables.
  private func first(_ names: [String]) -> Setting? {
    if process.language == "java" {
      for name in names {
        let property = String(name.lowercased().map { $0 == "_" ? "." : $0 })
        let prefix = "-D\(property)="
        if let argument = process.commandLine.last(where: { $0.hasPrefix(prefix) }), argument.count > prefix.count {
          return (property, String(argument.dropFirst(prefix.count)))
        }
      }
    }
    for name in names {
      if let value = process.environment[name], !value.isEmpty { return (name, value) }
    }
    return nil
  }
}
