/// RST018 to RST020: bytes arrive, but in a language that the port does not speak.
enum WrongProtocolRules {
  static func tls(_ evidence: Evidence) -> [Finding] {
    var because: [String] = []
    var pids: [Int64] = []
    var address: Place?
    for (process, target) in evidence.targets where target.address.isTLS {
      // Proven where a plain question was answered at the very address that is called with TLS.
      guard let probe = plainAnswer(at: target.address, of: process, evidence) else { continue }
      because += [process.sends(to: target), "\(probe.address) answers plain HTTP"]
      pids.append(process.pid)
      address = address ?? target.address
    }
    if evidence.question.kind == "url",
      let asked = evidence.attempts.first(where: { $0.pid == nil && $0.target.isTLS && $0.first(.answered) != nil })
    {
      because.append("\(asked.url) answers plain HTTP")
      address = address ?? asked.target
    }
    let isCertain = !because.isEmpty
    let seen = evidence.clientIssues("tls_hello")
    because += seen.flatMap { seen in
      [
        "roost saw \(times(seen.count)) begin with TLS on its plain port"
          + (seen.detail.isEmpty ? "" : ": \(seen.detail)")
      ] + seen.age
    }
    guard !because.isEmpty else { return [] }
    let url = address?.url ?? evidence.roostURL ?? "http://127.0.0.1:8126"
    return [
      Finding(
        "RST018", isCertain ? .problem : evidence.severity(.problem, of: seen),
        "HTTPS is spoken to a port for plain HTTP", because: because,
        fix: [evidence.restart(evidence.process(pids.first), sendingTo: url)],
        explains: ["RST014"], pid: pids.count == 1 ? pids.first : nil, places: address.map { [$0] } ?? [])
    ]
  }

  private static func plainAnswer(
    at address: Place, of process: ProcessEvidence, _ evidence: Evidence
  ) -> ProbeEvidence? {
    evidence.attempts.first { attempt in
      attempt.target.host == address.host && attempt.target.port == address.port
        && (attempt.pid == process.pid || evidence.isInOurNetwork(process))
    }?.first(.answered)
  }

  /// Where roost takes calls of gRPC, it sees none as foreign: what it did see came while libnghttp2 was missing.
  static func otlp(_ evidence: Evidence) -> [Finding] {
    let seen = evidence.clientIssues("http2_preface")
    guard !seen.isEmpty else { return OTLPExportRules.exported(evidence) }
    let because = seen.flatMap { seen in
      let whose = seen.client.isEmpty ? "" : " from \(seen.client)"
      return ["roost saw \(times(seen.count)) begin as HTTP/2 (gRPC)" + whose] + seen.age
    }
    let exporters = evidence.processes.filter { process in
      OTLPExport.protocolSetting(process)?.value == "grpc" && OTLPExport.of(process) != nil
    }
    let exporter = exporters.count == 1 ? exporters.first : nil
    return [
      Finding(
        "RST019", evidence.severity(.problem, of: seen), "OTLP is sent over gRPC, for which roost lacks libnghttp2",
        because: because, fix: evidence.sendingOTLP(exporter, overHTTP: true), pid: exporter?.pid)
    ] + OTLPExportRules.exported(evidence)
  }

  /// A port that a running roost has open; without one, the configured port when an agent answers there.
  static func isTracePort(_ port: Int, _ evidence: Evidence) -> Bool {
    if let agent = evidence.agent { return agent.listeners.contains { Place($0)?.port == port } }
    return evidence.probes.contains { probe in
      probe.target?.port == port && probe.product?.isAgent == true
    }
  }

  static func statsd(_ evidence: Evidence) -> [Finding] {
    var findings: [Finding] = []
    let seen = evidence.clientIssues("statsd_text")
    if !seen.isEmpty {
      findings.append(
        Finding(
          "RST020", evidence.severity(.problem, of: seen), "StatsD metrics are sent to the trace port",
          because: seen.flatMap {
            ["roost saw \(times($0.count)) with StatsD text" + ($0.detail.isEmpty ? "" : ": \($0.detail)")] + $0.age
          },
          fix: ["set DD_DOGSTATSD_PORT=8125 for the app and start it as before (metrics go to UDP port 8125)"]))
    }
    for (process, target) in evidence.targets where target.address.path.hasSuffix("/dsd.socket") {
      findings.append(
        Finding(
          "RST020", .problem, "Traces of pid \(process.pid) are sent to dsd.socket, which is for metrics",
          because: [process.sends(to: target)],
          fix: evidence.restartWithRightSocket(process),
          explains: ["RST024", "RST022", "RST023", "RST025"], pid: process.pid, places: [target.address]))
    }
    return findings
  }

  private static func times(_ count: UInt64) -> String { count == 1 ? "one request" : "\(count) requests" }
}
