@testable import Diagnosis
import Terminal

/// docs/troubleshooting.md, written from the tables of diagnoses and of log lines and from the fixtures.
enum TroubleshootingDocument {
  static func markdown() throws -> String {
    let parts = [introduction, lines, try DiagnosisTable.all.map(section).joined(separator: "\n")]
    return parts.joined(separator: "\n") + "\n"
  }

  private static let introduction = """
    # Troubleshooting: why can't my app reach the agent?

    <!-- Written from the tables in Sources/Diagnosis and fixtures/doctor; change those, then: ROOST_ACCEPT=1 swift test --filter DiagnosisTests -->

    Search this page for the line that your app prints, or for a part of it without names and numbers. Linux says
    `[Errno 111] Connection refused` where macOS says `[Errno 61] Connection refused`; both mean the same.

    Quicker: let roost look. It names the one cause that applies on your machine and the line to change.

    ```
    roost doctor                 # this machine
    roost doctor --pid 812       # one process; --name python for all of a name
    roost doctor --log app.log   # the lines of a log; - for what is piped in
    roost explain RST021         # more about one diagnosis
    roost run -- python app.py   # start the app with everything set
    ```

    """

  /// Errors by their numbers and words, then lines by language.
  private static var lines: String {
    var text = "## Lines that tracers write\n\n"
    text += "What the reason in such a line means, whatever the language:\n\n| reason | meaning |\n|---|---|\n"
    for error in LogError.all {
      let numbers =
        error.numbers.isEmpty ? "" : " (`" + error.numbers.map { "Errno \($0)" }.joined(separator: "`, `") + "`)"
      text += "| \(error.name)\(numbers) | \(error.meaning.firstUppercased). |\n"
    }
    for status in [400, 403, 404, 405, 407, 413, 415, 429, 502] {
      guard let meaning = LogStatus.meaning(status) else { continue }
      text += "| HTTP \(status) | \(meaning.firstUppercased). |\n"
    }
    let names = [
      ("python", "Python"), ("nodejs", "Node.js"), ("ruby", "Ruby"), ("java", "Java"), ("go", "Go"), ("dotnet", ".NET"),
      ("php", "PHP"), ("cpp", "C++ and nginx"), ("", "Any language"),
    ]
    let exporters = LogPattern.openTelemetry + LogPattern.openTelemetryAsides
    let others = LogPattern.all.filter { pattern in !exporters.contains { $0.id == pattern.id } }
    for (language, name) in names {
      text += "\n### \(name)\n"
      text += others.filter { $0.language == language }.map(entry).joined()
    }
    text += "\n### Exporters of OTLP (OpenTelemetry)\n" + exporters.map(entry).joined()
    return text + "\n## Diagnoses\n"
  }

  private static func entry(_ pattern: LogPattern) -> String {
    let found = LogReader.lines(of: pattern.example).compactMap(LogConclusion.diagnosis)
    return "\n```\n\(pattern.example)\n```\n\nMeans: \(pattern.meaning)."
      + found.map { " See [\($0)](#\($0.lowercased()))." }.joined() + "\n"
  }

  private static func section(_ diagnosis: Diagnosis) throws -> String {
    var text = "<a id=\"\(diagnosis.id.lowercased())\"></a>\n### \(diagnosis.id) \(diagnosis.name)\n\n"
    let (lines, signs) = (diagnosis.explanation.lines, diagnosis.explanation.signs)
    if !lines.isEmpty { text += "Lines:\n\n" + lines.map { "- `\($0)`\n" }.joined() + "\n" }
    if !signs.isEmpty { text += "Signs:\n\n" + signs.map { "- \($0)\n" }.joined() + "\n" }
    text += diagnosis.explanation.text + "\n\n"
    let example = diagnosis.rule(try DiagnosisTests.evidence(diagnosis.id)).first
    if let example {
      text += "For example, `roost doctor` says:\n\n```\n\(diagnosis.id)  \(example.title)\n"
      text += block("because", example.because) + block("fix", example.fix) + "```\n"
    }
    if !diagnosis.systems.contains("darwin") { text += "\nThis cannot be found out on macOS.\n" }
    return text
  }

  private static func block(_ name: String, _ lines: [String]) -> String {
    lines.enumerated().map { position, line in
      let head = position == 0 ? name : ""
      return "  " + head + String(repeating: " ", count: 9 - head.count) + line + "\n"
    }.joined()
  }
}

extension String {
  fileprivate var firstUppercased: String { prefix(1).uppercased() + dropFirst() }
}
