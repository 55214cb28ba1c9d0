/// A kind of line that a tracer writes: how to know it, and what it means.
package struct LogPattern: Sendable {
  /// `python.cannot_send_services`: language, then what happened.
  package let id: String
  /// `python`, `nodejs`, `ruby`, `java`, `go`, `dotnet`, `php`, `cpp`; empty when several write it alike.
  package let language: String
  /// All have to occur in the line. Fields are looked for behind the first, or anywhere when there are none there.
  package let parts: [String]
  /// A sentence without its full stop; what the error or status adds comes behind a colon.
  package let meaning: String
  /// A line as it is found in logs, for the documentation and the tests.
  package let example: String
  /// What stands before the number of traces or payloads lost.
  let lostAfter: [String]
  /// The failure, when the line's kind says it and its words need not.
  let errorName: String?
  /// The line reports a failed connection without saying how it failed.
  package let hidesError: Bool
  /// The line is not about traces on their way to the agent, so nothing is concluded from its error.
  package let isAside: Bool
  /// Programs of all kinds write such lines, about servers of all kinds: it takes the agent's address to make the line
  /// one about the agent.
  package let isAnybodys: Bool
  /// An exporter of OTLP wrote it, whose traces roost takes over HTTP only.
  package let isOTLP: Bool

  init(
    _ id: String, _ parts: [String], _ meaning: String, lostAfter: [String] = [], errorName: String? = nil,
    hidesError: Bool = false, isAside: Bool = false, isAnybodys: Bool = false, isOTLP: Bool = false, example: String
  ) {
    self.id = id
    let prefix = String(id.prefix { $0 != "." })
    language = prefix == "any" ? "" : prefix
    self.parts = parts
    self.meaning = meaning
    self.lostAfter = lostAfter
    self.errorName = errorName
    self.hidesError = hidesError
    self.isAside = isAside
    self.isAnybodys = isAnybodys
    self.isOTLP = isOTLP
    self.example = example
  }

  /// The line names the agent's port, or one of OTLP's, by the very words that it is known by.
  var namesPort: Bool { parts.contains { part in ["8126", "4317", "4318"].contains { part.contains($0) } } }

  /// All patterns; the first that fits a line is taken, so that the more particular ones stand first.
  package static let all: [LogPattern] =
    openTelemetryAsides + openTelemetry + python + java + go + ruby + dotnet + nodejs + php + cpp + any

  /// The pattern with that id; `nil` for the startup line and for ids of other releases.
  package static func find(_ id: String) -> LogPattern? {
    all.first { $0.id == id } ?? LogPattern.bare.first { $0.id == id }
  }

  /// The first part of each of `all`.
  private static let beginnings = LogPhrases(all.compactMap(\.parts.first))

  /// The first pattern that fits `line`, and where its fields begin.
  static func match(_ line: LogText) -> (pattern: LogPattern, start: Int)? {
    for (position, start) in beginnings.found(in: line).sorted(by: { $0.key < $1.key }) {
      let pattern = all[position]
      if pattern.parts.dropFirst().allSatisfy(line.contains) { return (pattern, start) }
    }
    return nil
  }
}
