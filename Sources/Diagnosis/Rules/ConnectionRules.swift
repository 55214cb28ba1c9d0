/// RST041–RST042: connections that pile up, clocks that disagree.
enum ConnectionRules {
  /// Half-closed connections that one process may have: a tracer needs one or two, a retry a few more.
  private static let halfClosedMax = 20
  /// Connections to the agent that still look like reuse.
  private static let openMax = 200

  static func pileUp(_ evidence: Evidence) -> [Finding] { evidence.processes.compactMap { pileUpIn($0, evidence) } }

  private static func pileUpIn(_ process: ProcessEvidence, _ evidence: Evidence) -> Finding? {
    let port = evidence.target(of: process)?.address.port ?? evidence.configuration.port
    let toAgent = process.connections.filter { $0.remotePort == port }
    let halfClosed = toAgent.filter { $0.state == "CLOSE_WAIT" }.reduce(0) { sum($0, $1.count) }
    let open = toAgent.reduce(0) { sum($0, $1.count) }
    let isNearLimit = process.openFilesMax > 0 && process.openFiles / 9 >= process.openFilesMax / 10
    guard halfClosed > halfClosedMax || open > openMax || isNearLimit && open >= process.openFilesMax / 4 else {
      return nil
    }
    let limit =
      process.openFilesMax > 0 ? ["\(process.openFiles) of \(process.openFilesMax) file descriptors are in use"] : []
    return Finding(
      "RST041", isNearLimit ? .problem : .warning,
      "\(process.naming) holds \(open) connections to port \(port), \(halfClosed) of them half closed",
      because: toAgent.map { "\($0.count) × \($0.state) to \($0.remoteAddress):\($0.remotePort)" } + limit,
      fix: [
        RequestRules.upgrade(process.language), "ulimit -n 65536   # for the time being, where the app is started",
      ],
      pid: process.pid, places: evidence.target(of: process).map { [$0.address] } ?? [])
  }

  /// Evidence may come from anywhere.
  private static func sum(_ a: Int, _ b: Int) -> Int {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? .max : sum
  }

  static func skew(_ evidence: Evidence) -> [Finding] {
    evidence.clientIssues("clock_skew").map { entry in
      let who = entry.client.isEmpty ? "a client" : entry.client
      return Finding(
        "RST042", evidence.severity(.warning, of: [entry]),
        "The clock of \(who) is \(span(abs(entry.amount))) \(entry.amount < 0 ? "behind" : "ahead of") roost's",
        because: ["start and end of its spans are off by the same amount (\(times(entry.count)))"] + entry.details,
        fix: evidence.host.isWSL
          ? ["sudo hwclock -s"]
          : evidence.host.system == "darwin"
            ? ["sudo sntp -sS time.apple.com"] : ["sudo timedatectl set-ntp true   # on the app's machine"])
    }
  }

  /// `7 h 12 min`, `35 s`.
  static func span(_ seconds: Double) -> String {
    let whole = Int(clamping: seconds.rounded())
    switch whole {
    case ..<60: return "\(whole) s"
    case ..<3600: return whole % 60 == 0 ? "\(whole / 60) min" : "\(whole / 60) min \(whole % 60) s"
    case ..<86_400: return whole % 3600 < 60 ? "\(whole / 3600) h" : "\(whole / 3600) h \(whole % 3600 / 60) min"
    default: return "\(whole / 86_400) d \(whole % 86_400 / 3600) h"
    }
  }
}
