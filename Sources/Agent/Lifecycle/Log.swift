import Configuration
import Platform
import Synchronization
import Text

/// The agent's log: one line an event, on standard error or in a file.
///
/// Nobody who logs waits for whoever reads it; see `LogWriter`.
///
/// What clients can cause is thinned out: of the same kind of event only a few lines come in ten seconds, and the next
/// line of that kind says how many were left out.
package final class Log: Sendable {
  /// Lines of one kind in `windowNs`.
  private static let linesMax = 5
  private static let windowNs: Int64 = 10_000_000_000
  /// Bytes of one line; what a client sent may be quoted in it.
  private static let lineBytesMax = 2_000

  private struct Window {
    var startNs: Int64
    var lines = 0
    var left = 0
  }

  /// The place of the level among all of them.
  private let rank: Atomic<Int>
  private let path: String?
  private let clock: WallClock
  private let writer: LogWriter
  private let windows = Lock<[String: Window]>([:])

  /// - Parameter path: a file that lines are added to; `nil` for standard error.
  package init(level: LogLevel, path: String?, clock: WallClock) {
    rank = Atomic(level.rank)
    self.path = path
    self.clock = clock
    let file = path.map(Self.openFile) ?? STDERR_FILENO
    writer = LogWriter(descriptor: file >= 0 ? file : STDERR_FILENO, isOwned: file >= 0 && path != nil) { lost in
      let lines = lost == 1 ? "1 line was" : "\(lost) lines were"
      return Self.line(.warn, "\(lines) left out here: nobody read this log, or it could not be written", clock.nowNs)
    }
    if let path, file < 0 {
      write(.warn, "cannot open the log file \(path): \(systemErrorText(errno)); logging to standard error")
    }
  }

  /// Opens the file again by its name, after it was moved away. When it cannot be opened, the old one is written on.
  package func reopen() {
    guard let path else { return }
    let file = Self.openFile(path)
    guard file >= 0 else {
      return error("cannot open the log file \(path) again: \(systemErrorText(errno)); the old one is written on")
    }
    writer.replace(descriptor: file)
  }

  private static func openFile(_ path: String) -> Int32 {
    open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
  }

  /// Logs from now on what has this level or a graver one.
  package func setLevel(_ level: LogLevel) { rank.store(level.rank, ordering: .relaxed) }

  /// Whether lines of a level are written at all: to be asked where making one is dear.
  package func writes(_ level: LogLevel) -> Bool { rank.load(ordering: .relaxed) <= level.rank }

  /// Waits until all that was logged is written; for the end of the process, which would take the rest along.
  package func flush(atMost limit: Duration) { writer.flush(atMost: limit) }

  /// Lines that could not be written, or that nobody read.
  package var linesLost: Int { writer.linesLost }

  /// What only somebody who looks for a fault wants to read.
  package func debug(_ message: @autoclosure () -> String) { write(.debug, message()) }

  /// Milestones: what started, stopped or changed.
  package func info(_ message: @autoclosure () -> String) { write(.info, message()) }

  /// Something is wrong that the agent can live with.
  package func warn(_ message: @autoclosure () -> String) { write(.warn, message()) }

  /// Something is wrong that loses data or takes a service away.
  package func error(_ message: @autoclosure () -> String) { write(.error, message()) }

  /// A warning of a kind that clients can cause any number of.
  package func warn(kind: String, _ message: @autoclosure () -> String) {
    guard writes(.warn) else { return }
    let now = clock.nowNs
    let left = windows.withLock { windows -> Int? in
      var window = windows[kind] ?? Window(startNs: now)
      if now &- window.startNs >= Self.windowNs { window = Window(startNs: now, lines: 0, left: window.left) }
      defer { windows[kind] = window }
      guard window.lines < Self.linesMax else {
        window.left += 1
        return nil
      }
      window.lines += 1
      defer { window.left = 0 }
      return window.left
    }
    guard let left else { return }
    write(.warn, left == 0 ? message() : "\(message()) (and \(left) more like it before)")
  }

  private func write(_ lineLevel: LogLevel, _ message: @autoclosure () -> String) {
    guard writes(lineLevel) else { return }
    writer.add(Self.line(lineLevel, message(), clock.nowNs))
  }

  /// One line with its end. A client must not be able to write lines of its own, or to the terminal.
  private static func line(_ level: LogLevel, _ message: String, _ nowNs: Int64) -> String {
    let shown = safeText(String(message.unicodeScalars.prefix(lineBytesMax)))
    return timestamp(nowNs) + " " + level.rawValue.uppercased() + " "
      + String(decoding: shown.utf8.prefix(lineBytesMax), as: UTF8.self) + "\n"
  }

  /// The time in UTC, as in `2026-11-24T07:41:05Z`.
  private static func timestamp(_ ns: Int64) -> String {
    var seconds = time_t(ns / 1_000_000_000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))T"
      + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
  }
}
