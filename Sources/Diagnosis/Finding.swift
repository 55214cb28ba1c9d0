/// How much a finding matters. Ordered: the worst is the largest.
package enum Severity: Int, Sendable, Comparable, CaseIterable {
  /// Good to know; nothing is wrong.
  case note
  /// Something will surprise its owner.
  case warning
  /// Traces do not arrive.
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

/// A diagnosis that the doctor knows: its id, what `roost explain` tells, and the rule that finds it.
package struct Diagnosis: Sendable {
  /// `RST001` … `RST047`; never reused.
  package let id: String
  /// The severity it usually has.
  package let severity: Severity
  /// Its name in lists and in the documentation.
  package let name: String
  /// Error lines and symptoms that a person may search for.
  package let symptoms: [String]
  /// Several sentences: what happens, why, how to be sure, what to do.
  package let explanation: String
  /// Systems on which it can be found out; elsewhere it is listed as not checked.
  package let systems: Set<String>
  /// It goes by what a running agent saw of its clients.
  package let needsAgent: Bool
  /// Evidence to findings. Pure.
  package let rule: @Sendable (Evidence) -> [Finding]

  package init(
    id: String, severity: Severity, name: String, symptoms: [String], explanation: String,
    systems: Set<String> = ["linux", "darwin"], needsAgent: Bool = false,
    rule: @escaping @Sendable (Evidence) -> [Finding]
  ) {
    self.id = id
    self.severity = severity
    self.name = name
    self.symptoms = symptoms
    self.explanation = explanation
    self.systems = systems
    self.needsAgent = needsAgent
    self.rule = rule
  }
}
