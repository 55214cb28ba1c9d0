/// RST019: traces leave the app as OTLP, to where roost takes none.
enum OTLPExportRules {
  static func exported(_ evidence: Evidence) -> [Finding] {
    evidence.processes.compactMap { process in
      // Roost takes them at all of its ports; that it cannot over gRPC is a finding of `WrongProtocolRules`.
      guard let export = OTLPExport.of(process), !export.places.contains(where: { isTracePort($0, process, evidence) })
      else { return nil }
      return finding(process, export, evidence)
    }
  }

  /// Whether a place is a port of roost's on this machine.
  private static func isTracePort(_ place: Place, _ process: ProcessEvidence, _ evidence: Evidence) -> Bool {
    place.isLoopback && evidence.isInOurNetwork(process) && WrongProtocolRules.isTracePort(place.port, evidence)
  }

  private static func finding(_ process: ProcessEvidence, _ export: OTLPExport, _ evidence: Evidence) -> Finding? {
    let there = export.places.map(\.text).joined(separator: " or ")
    let isLost = export.places.allSatisfy { isDead($0, process, evidence) }
    // An exporter of OpenTelemetry's own that has a receiver is none of roost's business.
    guard isLost || export.isDatadog else { return nil }
    let who = process.tracer?.naming ?? "OpenTelemetry's exporter"
    let instead = export.isDatadog ? ["\(who) then sends nothing to a trace agent"] : ["\(who) sends OTLP by default"]
    let listening = isLost ? ["nothing listens on \(there)"] : []
    var finding = Finding(
      "RST019", isLost ? .problem : .warning,
      "Traces of \(process.naming) go to \(there) as OTLP, " + (isLost ? "where nothing listens" : "not to roost"),
      because: export.settings + instead + listening, fix: evidence.sendingOTLP(process),
      explains: ["RST001", "RST004", "RST032", "RST034"], pid: process.pid, places: export.places)
    finding.deniesArrival = true
    return finding
  }

  /// Nothing takes connections there; false where that cannot be seen from here.
  private static func isDead(_ place: Place, _ process: ProcessEvidence, _ evidence: Evidence) -> Bool {
    guard place.isTCP, place.isLoopback else { return false }
    return evidence.isInOurNetwork(process)
      ? evidence.listeners(port: place.port).isEmpty
      : evidence.listeners(port: place.port, in: process.networkNamespace).isEmpty
  }
}
