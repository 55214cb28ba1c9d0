/// Where a process's tracer sends its traces, worked out as the tracer itself does it.
package struct EffectiveTarget: Sendable, Equatable {
  /// The socket that tracers look for when nothing is set.
  package static let defaultSocketPath = "/var/run/datadog/apm.socket"
  package static let defaultPort = 8126

  /// As a URL: `http://localhost:8126`, `unix:///var/run/datadog/apm.socket`; as set, where it cannot be used.
  package let url: String
  package let address: AgentAddress
  /// Variables (or Java's system properties) that decided; empty when none is set.
  package let decidedBy: [String]
  /// The process has no setting, and its tracer takes the default socket because that exists.
  package let isDefaultSocket: Bool

  /// Where the process sends, by what it is given and whether it sees the default socket.
  package static func of(process: ProcessEvidence, in evidence: Evidence) -> EffectiveTarget {
    of(process: process, isDefaultSocketThere: evidence.sees(defaultSocketPath, pid: process.pid))
  }

  /// Where the process sends. Settings that are empty count as unset, as in most tracers.
  package static func of(process: ProcessEvidence, isDefaultSocketThere: Bool = false) -> EffectiveTarget {
    let settings = TargetSettings(process)
    if let (name, url) = settings.url {
      return EffectiveTarget(url: url, address: .of(url: url), decidedBy: [name], isDefaultSocket: false)
    }
    if let (name, path) = settings.socket {
      return EffectiveTarget(
        url: "unix://\(path)", address: .socket(.unix(path: path)), decidedBy: [name], isDefaultSocket: false)
    }
    if settings.host != nil || settings.port != nil { return of(host: settings.host, port: settings.port) }
    if isDefaultSocketThere, settings.looksForDefaultSocket {
      return EffectiveTarget(
        url: "unix://\(defaultSocketPath)", address: .socket(.unix(path: defaultSocketPath)), decidedBy: [],
        isDefaultSocket: true)
    }
    return of(host: ("", settings.defaultHost), port: nil, decidedBy: [])
  }

  private static func of(
    host: (name: String, value: String)?, port: (name: String, value: String)?, decidedBy: [String]? = nil
  ) -> EffectiveTarget {
    let names = decidedBy ?? [host?.name, port?.name].compactMap { $0 }
    let hostText = host?.value ?? "localhost"
    let portText = port?.value ?? String(defaultPort)
    // Tracers put brackets around an IPv6 address given as a host.
    let isBareIPv6 = hostText.count(where: { $0 == ":" }) > 1 && !hostText.hasPrefix("[")
    let place = (isBareIPv6 ? "[\(hostText)]" : hostText) + ":" + portText
    let address: AgentAddress =
      AgentAddress.portNumber(portText) == nil
      ? .unusable("the port is no number between 1 and 65535")
      : hostText.contains("/")
        ? .unusable("a host has no scheme and no path") : .of(place: Substring(place), portDefault: UInt16(defaultPort))
    return EffectiveTarget(url: "http://\(place)", address: address, decidedBy: names, isDefaultSocket: false)
  }
}

extension Evidence {
  /// Whether something is at `path` as the process sees it, which it does not behind a folder that it may not enter; the
  /// doctor's own view stands in where that is the same.
  package func sees(_ path: String, pid: Int64) -> Bool {
    let views = host.unixSockets.filter { $0.path == path }
    guard let view = views.first(where: { $0.seenByPid == pid }) ?? views.first(where: { $0.seenByPid == nil }) else {
      return false
    }
    return view.exists && view.blockedFolder == nil
  }
}
