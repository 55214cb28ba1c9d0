import Configuration
import Platform
import Synchronization

/// The agent's log: one line an event, on standard error, in a file, to syslog, or in several of them.
///
/// Nobody who logs waits for whoever reads it; see `LogWriter`.
///
/// What clients can cause is thinned out: of the same kind of event only a few lines come in ten seconds, and the next
/// line of that kind says how many were left out.
package final class Log: Sendable {
  /// Lines of one kind in `windowNs`.
  private static let linesMax = 5
  private static let windowNs: Int64 = 10_000_000_000

  private struct Window {
    var startNs: Int64
    var lines = 0
    var left = 0
  }

  /// One of the places that lines go to.
  private struct Output {
    let writer: LogWriter
    let form: LogForm
  }

  /// The place of the level among all of them.
  private let rank: Atomic<Int>
  private let clock: WallClock
  private let outputs: [Output]
  /// The file among the outputs, and what writes to it.
  private let file: (LogFile, LogWriter)?
  private let windows = Lock<[String: Window]>([:])

  /// - Parameter path: a file that lines are added to; `nil` for standard error.
  package convenience init(level: LogLevel, path: String?, clock: WallClock) {
    var configuration = AgentConfiguration()
    (configuration.logLevel, configuration.logFile) = (level, path)
    self.init(configuration, clock: clock)
  }

  /// As configured. What cannot be opened is said on standard error, or wherever else lines go.
  package init(_ configuration: AgentConfiguration, clock: WallClock) {
    rank = Atomic(configuration.logLevel.rank)
    self.clock = clock
    let form = configuration.logFormatJSON ? LogForm.json : .text
    var outputs: [Output] = []
    var faults: [String] = []
    var opened: (LogFile, LogWriter)?
    if let path = configuration.logFile {
      let file = LogFile(path: path, bytesMax: configuration.logFileBytesMax, rollsMax: configuration.logFileRollsMax)
      let descriptor = file.open()
      if descriptor >= 0 {
        let writer = LogWriter(
          descriptor: descriptor, isOwned: true, next: { descriptor, _ in file.next(after: descriptor) },
          notice: Self.notice(form, clock))
        outputs.append(Output(writer: writer, form: form))
        opened = (file, writer)
      } else {
        faults.append("cannot open the log file \(path): \(systemErrorText(errno)); logging to standard error")
      }
    }
    if opened == nil || configuration.logsToConsole {
      outputs.append(
        Output(
          writer: LogWriter(descriptor: STDERR_FILENO, isOwned: false, notice: Self.notice(form, clock)), form: form))
    }
    if configuration.logsToSyslog {
      switch configuration.syslogURI.map({ SyslogSocket(uri: $0) }) ?? .standard {
      case let socket?: outputs.append(Self.syslog(socket, configuration, clock))
      case nil: faults.append("log_to_syslog has no effect: syslog_uri is neither udp://HOST:PORT nor unixgram:///PATH")
      }
    }
    self.outputs = outputs
    file = opened
    for fault in faults { write(.warn, fault) }
  }

  private static func notice(_ form: LogForm, _ clock: WallClock) -> @Sendable (Int) -> String {
    { lost in
      let lines = lost == 1 ? "1 line was" : "\(lost) lines were"
      return form.line(.warn, "\(lines) left out here: nobody read this log, or it could not be written", clock.nowNs)
    }
  }

  private static func syslog(_ socket: SyslogSocket, _ configuration: AgentConfiguration, _ clock: WallClock) -> Output
  {
    let form = LogForm.syslog(
      isRFC5424: configuration.syslogIsRFC5424, isJSON: configuration.logFormatJSON, host: SystemFacts.hostname)
    // Opened by the writer's thread: a name may have to be looked up.
    let writer = LogWriter(
      descriptor: -1, isOwned: true, sending: SyslogSocket.send,
      next: { _, isUsable in isUsable ? nil : socket.reopened() }, notice: notice(form, clock))
    return Output(writer: writer, form: form)
  }

  /// Opens the file again by its name, after it was moved away. When it cannot be opened, the old one is written on.
  package func reopen() {
    guard let (file, writer) = file else { return }
    let descriptor = file.open()
    guard descriptor >= 0 else {
      return error("cannot open the log file \(file.path) again: \(systemErrorText(errno)); the old one is written on")
    }
    writer.replace(descriptor: descriptor)
  }

  /// Logs from now on what has this level or a graver one.
  package func setLevel(_ level: LogLevel) { rank.store(level.rank, ordering: .relaxed) }

  /// Whether lines of a level are written at all: to be asked where making one is dear.
  package func writes(_ level: LogLevel) -> Bool { rank.load(ordering: .relaxed) <= level.rank }

  /// Waits until all that was logged is written; for the end of the process, which would take the rest along.
  package func flush(atMost limit: Duration) {
    let end = ContinuousClock.now + limit
    for output in outputs { output.writer.flush(atMost: max(.zero, end - .now)) }
  }

  /// Lines that could not be written, or that nobody read.
  package var linesLost: Int { outputs.reduce(0) { $0 + $1.writer.linesLost } }

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
    let text = message()
    let now = clock.nowNs
    for output in outputs { output.writer.add(output.form.line(lineLevel, text, now)) }
  }
}
