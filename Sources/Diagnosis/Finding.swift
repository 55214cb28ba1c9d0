/// How much a finding matters. Ordered: the worst is the largest.
package enum Severity: Int, Sendable, Comparable, CaseIterable {
  /// Good to know; nothing is wrong.
  case note
  /// Something will surprise its owner.
  case warning
  /// Traces do not arrive, or are lost.
  case problem

  /// The word that stands for it in tables and JSON.
  package var name: String {
    switch self {
    case .note: "note"
    case .warning: "warning"
    case .problem: "problem"
    }
  }

  package static func < (a: Severity, b: Severity) -> Bool { a.rawValue < b.rawValue }
}

/// One cause that applies, how it was seen, and what to do.
package struct Finding: Sendable, Equatable {
  /// Of the diagnosis, such as `RST021`.
  package let id: String
  package var severity: Severity
  /// One line, for a person: names, numbers and paths of this very case.
  package var title: String
  /// What was seen, a line each.
  package var because: [String]
  /// Commands or settings to paste, the best first.
  package var fix: [String]
  /// Ids of findings that only follow from this one; they are folded under it.
  package var explains: [String]
  /// The process it is about, when it is one.
  package var pid: Int64?
  /// All processes that it is about; none when it is about the machine.
  package var pids: Set<Int64>
  /// Where the agent is or should be that it is about, by all names and addresses; none when it is about the machine, or
  /// about roost itself.
  package var places: [Place]

  /// It says that the processes' traces do not arrive, or not as they should; as a problem of a diagnosis that keeps
  /// traces away it always does.
  package var deniesArrival = false
  /// Traces came from its processes some time ago, or it is not known whether they did: it may be wrong.
  package var isArrivalUncertain = false

  /// A line of the log that the doctor was given is among what was seen.
  package var quotesLog: Bool { because.contains(where: LogEvidence.isQuote) }

  /// Both are about TCP, and at no port the same.
  func isAtOtherPort(than other: Finding) -> Bool {
    guard !places.isEmpty, !other.places.isEmpty, (places + other.places).allSatisfy({ $0.isTCP && $0.port != 0 })
    else { return false }
    return Set(places.map(\.port)).isDisjoint(with: other.places.map(\.port))
  }

  package init(
    _ id: String, _ severity: Severity, _ title: String, because: [String], fix: [String], explains: [String] = [],
    pid: Int64? = nil, pids: Set<Int64> = [], places: [Place] = []
  ) {
    self.id = id
    self.severity = severity
    self.title = title
    self.because = because
    self.fix = fix
    self.explains = explains
    self.pid = pid
    self.pids = pid.map { pids.union([$0]) } ?? pids
    self.places = places
  }
}
