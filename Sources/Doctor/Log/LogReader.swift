/// Finds the lines of tracers in a log of any format, given piece by piece.
///
/// Linear in the bytes read; memory is bounded by one line and the distinct findings.
package struct LogReader {
  /// More of a line is not looked at: tracers' lines are short, and a line of this length holds a whole document.
  package static let lineBytesMax = 64 * 1024
  /// Distinct lines kept; a log with more is cut, its repeats are still counted.
  package static let linesMax = 200
  /// A traceback of Python or Java, which ends in the reason, is shorter.
  static let continuationLinesMax = 120

  private var found: [LogEvidence] = []
  private var places: [Key: Int] = [:]
  private var line: [UInt8] = []
  private var number = 1
  /// The line before the first that is not a traceback's, when its reason is still to come.
  private var waiting: Waiting?
  /// A startup document whose end is still to come.
  private var document: (text: [UInt8], start: Int, number: Int)?

  private struct Waiting {
    var evidence: LogEvidence
    let pattern: LogPattern
    let text: LogText
    var lines = 0
  }

  /// What makes two lines the same finding.
  private struct Key: Hashable {
    let pattern: String
    let url: String?
    let errorName: String?
    let httpStatus: Int?
    let settings: [String: String]
  }

  package init() {}

  /// All lines found in `text`.
  package static func lines(of text: String) -> [LogEvidence] {
    var reader = LogReader()
    reader.read(Array(text.utf8))
    return reader.finish()
  }

  /// Takes the next piece of the log; pieces may end anywhere.
  package mutating func read(_ piece: [UInt8]) {
    var rest = piece[...]
    while let end = rest.firstIndex(of: 0x0A) {
      append(rest[..<end])
      endLine()
      rest = rest[(end + 1)...]
    }
    append(rest)
  }

  /// Ends the log. In the order of their lines, repeats folded into the first.
  package mutating func finish() -> [LogEvidence] {
    if !line.isEmpty { endLine() }
    endDocument(cutOff: true)
    endWaiting()
    return found
  }

  private mutating func append(_ bytes: ArraySlice<UInt8>) {
    line.append(contentsOf: bytes.prefix(max(0, Self.lineBytesMax - line.count)))
  }

  private mutating func endLine() {
    if line.last == 0x0D { line.removeLast() }
    examine(LogText(line))
    line.removeAll(keepingCapacity: true)
    number = number &+ 1
  }

  private mutating func examine(_ text: LogText) {
    if document != nil {
      continueDocument(text)
      return
    }
    if let start = LogStartup.start(in: text) {
      endWaiting()
      document = (text.bytes, start, number)
      endDocument(cutOff: false)
      return
    }
    let match = LogPattern.match(text)
    if let waiting, Self.isContinuation(text), match?.pattern.language.isEmpty ?? true {
      continueWaiting(waiting, with: text)
      return
    }
    endWaiting()
    guard let (pattern, start) = match else { return }
    let evidence = pattern.evidence(of: text, from: start, number: number)
    if evidence.errorName == nil, evidence.httpStatus == nil, !pattern.isAside {
      waiting = Waiting(evidence: evidence, pattern: pattern, text: text)
    } else {
      keep(evidence, text)
    }
  }

  /// A line that belongs to the one before it: of a traceback, or a cause.
  static func isContinuation(_ text: LogText) -> Bool {
    guard let first = text.bytes.first else { return true }
    if first == 0x20 || first == 0x09 { return true }
    for start in [
      "Traceback", "During handling", "The above exception", "Caused by", "Failed to connect to ", "Error: connect ",
    ] where text.bytes.starts(with: start.utf8) { return true }
    // `ConnectionRefusedError: [Errno 111] …`, `java.net.ConnectException: …`, `System.Net.Http.HttpRequestException: …`
    let name = text.word(at: 0) { $0 == UInt8(ascii: ":") || $0 <= 0x20 }
    return ["Error", "Exception", "error", "timeout", "Timeout"].contains { name.hasSuffix($0) }
  }

  private mutating func continueWaiting(_ current: Waiting, with text: LogText) {
    var current = current
    current.lines += 1
    current.evidence.url = current.evidence.url ?? LogAddress.clean(in: text)
    current.evidence.errorName = LogError.found(in: text)?.name
    current.evidence.httpStatus = LogStatus.found(in: text)
    // Indented lines quote source code, in which any word may stand.
    let isCode = [0x20, 0x09].contains(text.bytes.first) && !text.begins(with: "--->") && !text.begins(with: "Caused")
    let isReason = !isCode && (current.evidence.errorName != nil || current.evidence.httpStatus != nil)
    if !isReason { (current.evidence.errorName, current.evidence.httpStatus) = (nil, nil) }
    current.evidence.meaning = current.pattern.sentence(for: current.evidence)
    waiting = current
    if isReason || current.lines >= Self.continuationLinesMax { endWaiting() }
  }

  private mutating func endWaiting() {
    guard let waiting else { return }
    self.waiting = nil
    keep(waiting.evidence, waiting.text)
  }

  private mutating func continueDocument(_ text: LogText) {
    guard var current = document else { return }
    if current.start >= current.text.count { current.start = current.text.count + (text.find("{") ?? 0) }
    current.text += text.bytes.prefix(max(0, Self.lineBytesMax - current.text.count))
    document = current
    endDocument(cutOff: current.text.count >= Self.lineBytesMax)
  }

  /// Keeps the startup document if it ends in what was read, or if no more of it is to come.
  private mutating func endDocument(cutOff: Bool) {
    guard let current = document else { return }
    let end = LogStartup.end(of: current.text, from: current.start)
    guard let end = end ?? (cutOff ? current.text.count : nil) else { return }
    document = nil
    guard current.start < end else { return }
    let text = LogText(current.text)
    keep(LogStartup.evidence(text, from: current.start, to: end, number: current.number), text)
  }

  private mutating func keep(_ evidence: LogEvidence, _ text: LogText) {
    let key = Key(
      pattern: evidence.pattern, url: evidence.url, errorName: evidence.errorName, httpStatus: evidence.httpStatus,
      settings: evidence.settings.filter { !["date", "runtime_id", "pid"].contains($0.key) })
    if let place = places[key] {
      found[place].count = found[place].count &+ 1
      if let lost = evidence.lost {
        found[place].lost = (found[place].lost ?? 0).addingReportingOverflow(lost).partialValue
      }
    } else if found.count < Self.linesMax {
      places[key] = found.count
      var evidence = evidence
      evidence.text = LogPattern.shown(text)
      found.append(evidence)
    }
  }
}
