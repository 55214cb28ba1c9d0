/// What was read of a log.
package struct LogReading: Sendable, Equatable {
  /// The tracers' lines, repeats folded into the first.
  package var lines: [LogEvidence] = []
  /// All lines that there were, blank ones too.
  package var linesRead = 0
  /// Bytes came that no text has.
  package var isBinary = false
  /// It was longer than what is read.
  package var isCut = false

  /// More bytes than these are not to be read: a log of this size holds every kind of line that its end holds.
  package static let bytesMax = 256 * 1024 * 1024
  /// What the doctor calls the log in its list of what it could not look at.
  package static let name = "the log"

  /// What the log did not offer; a log without a tracer's line explains nothing, which is to be said.
  package var notChecked: [NotChecked] {
    var list: [NotChecked] = []
    if lines.isEmpty {
      let count = linesRead == 1 ? "its one line is no tracer's" : "no line of a tracer is among its \(linesRead) lines"
      let why = linesRead == 0 ? "it is empty" : isBinary ? "it is no text, and \(count)" : count
      list.append(NotChecked(what: Self.name, why: why))
    }
    if isCut {
      list.append(NotChecked(what: "the rest of the log", why: "it is longer than \(Self.bytesMax >> 20) MiB"))
    }
    return list
  }
}

extension Evidence {
  /// A log was given, and it explains nothing.
  package var isLogMute: Bool { notChecked.contains { $0.what == LogReading.name } }

  /// Adds what was read of a log.
  package mutating func take(_ reading: LogReading) {
    log = reading.lines
    notChecked += reading.notChecked
  }
}
