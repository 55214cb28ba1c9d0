import Scrubbing

extension LogPattern {
  /// Reads the fields of a line that is of this kind from `start` on, all but its text: repeats do not need it.
  func evidence(of line: LogText, from start: Int, number: Int) -> LogEvidence {
    var found = LogEvidence(
      line: number, text: "", language: language.isEmpty ? Self.language(of: line) : language,
      pattern: id, meaning: "")
    found.url = LogAddress.clean(in: line, from: start) ?? LogAddress.clean(in: line)
    found.httpStatus = LogStatus.found(in: line, from: start)
    if found.httpStatus == nil, !isAside {
      found.errorName = errorName ?? LogError.found(in: line, from: start)?.name
    }
    found.lost = lostAfter.lazy.compactMap { line.end(of: $0, from: start).flatMap(line.number) }.first
    found.meaning = sentence(for: found)
    return found
  }

  /// The whole meaning: what happened, then why, as far as the line says.
  func sentence(for line: LogEvidence) -> String {
    let reason = line.errorName.flatMap { LogError.named($0)?.meaning } ?? line.httpStatus.flatMap(LogStatus.meaning)
    return reason.map { "\(meaning): \($0)" } ?? meaning
  }

  /// Longer lines are cut: what counts stands at their beginning.
  static let shownBytesMax = 300

  /// The line as it may be shown: without secrets and control characters, shortened.
  static func shown(_ line: LogText) -> String {
    // A line of that length may have been cut within a secret.
    let text = Scrubber.beginning(
      of: line.bytes.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }, bytesMax: LogReader.lineBytesMax - 1)
    let clean = Scrubber.scrub(text)
    let start = clean.drop { $0 == " " }
    guard start.utf8.count > shownBytesMax else { return String(start) }
    var short = Substring(start.prefix(shownBytesMax))
    while short.utf8.count > shownBytesMax { short.removeLast() }
    return short + "…"
  }

  /// What a line that all languages could have written betrays of its own.
  private static func language(of line: LogText) -> String {
    let marks: [(String, String)] = [
      ("dd-java-agent", "java"), ("java.net.", "java"), ("node_modules", "nodejs"), ("Datadog Tracer v", "go"),
      ("dial tcp", "go"), ("[ddtrace] [", "php"), ("PHP message", "php"), ("nginx", "cpp"), (".py", "python"),
      ("SocketException", "dotnet"), ("connect(2) for", "ruby"),
    ]
    return marks.first { line.contains($0.0) }?.1 ?? ""
  }
}
