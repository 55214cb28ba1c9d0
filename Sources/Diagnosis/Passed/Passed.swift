/// What a check that passed has found, a line for each diagnosis: names and numbers of this machine instead of the name
/// of a fault that is not there.
///
/// A line never begins with a capital, because it stands behind the diagnosis's id.
enum Passed {
  /// What holds for the apps that were looked at: of one by name, of several by their number.
  static func apps(_ evidence: Evidence, none: String, _ what: (String) -> String) -> String {
    switch evidence.processes.count {
    case 0: none
    case 1: what(evidence.processes[0].naming)
    case let count: what("all \(count) apps")
    }
  }

  /// A number and its noun: `1 address`, `3 addresses`.
  static func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
    number == 1 ? "1 \(one)" : "\(number) \(many ?? one + "s")"
  }

  static func count(_ number: UInt64, _ one: String, _ many: String? = nil) -> String {
    count(Int(clamping: number), one, many)
  }

  /// As many of a list as are read at once.
  static func list(_ words: [String]) -> String {
    let shown = words.uniqued()
    return shown.prefix(3).joined(separator: ", ") + (shown.count > 3 ? " and \(shown.count - 3) more" : "")
  }

  /// Where each app sends: `pid 812 (python app.py) sends to http://localhost:8126 (the default, nothing is set)`.
  static func targets(_ evidence: Evidence, none: String = "no app was looked at") -> String {
    let texts = evidence.targets.map { $0.process.sends(to: $0.target) }
    return texts.isEmpty ? none : list(texts)
  }

  /// The unix sockets to which apps send, with what is seen of them.
  static func sockets(_ evidence: Evidence) -> [UnixSocketEvidence] {
    evidence.targets.filter { !$0.target.address.isTCP }
      .compactMap { evidence.socket($0.target.address.path, seenBy: $0.process.pid) }
  }
}
