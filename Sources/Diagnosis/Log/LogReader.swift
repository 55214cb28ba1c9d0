/// Finds the lines of tracers in a log of any format, given piece by piece.
///
/// Linear in the bytes read; memory is bounded by one line and the distinct findings.
package struct LogReader {
  /// More of a line is not looked at: tracers' lines are short, and a line of this length holds a whole document.
  package static let lineBytesMax = 64 * 1024
  /// Distinct lines kept; further ones are counted with the last of their kind.
  package static let linesMax = 200
  /// A traceback of Python or Java, which ends in the reason, is shorter.
  static let continuationLinesMax = 120

  private let agents: LogAgents
  private var found: [LogEvidence] = []
  private var places: [Key: Int] = [:]
  /// The last of each kind in `found`, whatever its address.
  private var kinds: [Key: Int] = [:]
  private var line: [UInt8] = []
  private var number = 1
  private var isBinary = false
  /// The line before the first that is not a traceback's, when its reason is still to come.
  private var waiting: Waiting?
  /// A startup document whose end is still to come.
  private var document: (text: [UInt8], start: Int, number: Int)?
  /// Errors without an address and without a tracer's word; they count only when nothing else was in the log.
  private var bare: [(evidence: LogEvidence, text: LogText)] = []
  /// Lines that are none of the above, nor a traceback's.
  private var others = 0

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

  /// `agents` are places of agents that are known from elsewhere, besides port 8126.
  package init(agents: [Place] = []) { self.agents = LogAgents(agents) }

  /// All lines found in `text`.
  package static func lines(of text: String, agents: [Place] = []) -> [LogEvidence] {
    reading(of: text, agents: agents).lines
  }

  /// What `text` is as a log.
  package static func reading(of text: String, agents: [Place] = []) -> LogReading {
    var reader = LogReader(agents: agents)
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

  /// Ends the log. Its lines are in their order, repeats folded into the first.
  package mutating func finish() -> LogReading {
    if !line.isEmpty { endLine() }
    endDocument(cutOff: true)
    endWaiting()
    if found.isEmpty && others == 0 {
      for (evidence, text) in bare { keep(evidence, text) }
    }
    return LogReading(lines: found, linesRead: number &- 1, isBinary: isBinary)
  }

  private mutating func append(_ bytes: ArraySlice<UInt8>) {
    line.append(contentsOf: bytes.prefix(max(0, Self.lineBytesMax - line.count)))
  }

  private mutating func endLine() {
    if line.last == 0x0D { line.removeLast() }
    isBinary = isBinary || line.contains(0)
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
    let match = match(text)
    if let waiting, Self.isContinuation(text) || match.isBare, match.found?.pattern.language.isEmpty ?? true {
      continueWaiting(waiting, with: text)
      return
    }
    endWaiting()
    guard let (pattern, start) = match.found else {
      if match.isBare {
        keepBare(text)
      } else if !Self.isContinuation(text) {
        others = others &+ 1
      }
      return
    }
    let evidence = pattern.evidence(of: text, from: start, number: number)
    if evidence.errorName == nil, evidence.httpStatus == nil, !pattern.isAside {
      waiting = Waiting(evidence: evidence, pattern: pattern, text: text)
    } else {
      keep(evidence, text)
    }
  }

  /// What a line is: of a known kind, or an error with nothing that says whose it is, about an agent or about nothing
  /// in particular. An error about another server is neither.
  private func match(_ text: LogText) -> (found: (pattern: LogPattern, start: Int)?, isBare: Bool) {
    let found = LogPattern.match(text)
    if let found, !found.pattern.isAnybodys || found.pattern.namesPort { return (found, false) }
    guard let bare = LogPattern.bareMatch(text) else {
      return (found.flatMap { agents.isNamed(in: text, url: LogAddress.found(in: text)) == true ? $0 : nil }, false)
    }
    switch agents.isNamed(in: text, url: LogAddress.found(in: text)) {
    case true: return (found ?? (bare, 0), false)
    case false: return (nil, false)
    default: return (nil, true)
    }
  }

  private mutating func keepBare(_ text: LogText) {
    guard bare.count < Self.linesMax, found.isEmpty, others == 0, let pattern = LogPattern.bareMatch(text) else {
      return
    }
    bare.append((pattern.evidence(of: text, from: 0, number: number), text))
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
    // Beyond the limit the address is lost, and nothing is left uncounted.
    let kind = Key(
      pattern: evidence.pattern, url: nil, errorName: evidence.errorName, httpStatus: evidence.httpStatus, settings: [:]
    )
    if let place = places[key] ?? (found.count >= Self.linesMax ? kinds[kind] ?? found.indices.last : nil) {
      found[place].count = found[place].count &+ 1
      if let lost = evidence.lost {
        found[place].lost = (found[place].lost ?? 0).addingReportingOverflow(lost).partialValue
      }
    } else {
      places[key] = found.count
      kinds[kind] = found.count
      var evidence = evidence
      evidence.text = LogPattern.shown(text)
      found.append(evidence)
    }
  }
}
