import Control
import Launching
import Platform
import Terminal

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// An agent that `roost run` started: this program as `roost serve`, in the background, with its log in a file.
struct OwnAgent {
  /// Why it did not come up.
  struct Failure: Error {
    let code: ExitCode
    /// Its last words, without the program's name.
    let reason: String
  }

  let process: ChildProcess
  let log: RunLog
  let client: ControlClient
  let info: InfoAnswer

  /// From the start to the first answer at most.
  private static let startLimit = Duration.seconds(10)
  /// From the signal to the end at most; it has 5 s to send what it holds.
  private static let stopLimit = Duration.seconds(7)
  private static let pause: UInt32 = 10_000

  /// Starts one and waits until it answers.
  ///
  /// - Parameters:
  ///   - words: behind the program's name.
  ///   - client: asks where it will answer.
  ///   - isAborted: asked while waiting; once true it is stopped and the start fails.
  init(_ words: [String], client: ControlClient, isAborted: () -> Bool) throws(Failure) {
    guard let program = OwnExecutable.path else {
      throw Failure(code: .internalError, reason: "the system does not tell where this program is")
    }
    guard let log = RunLog() else {
      throw Failure(code: .cannotCreate, reason: "no log file can be made in \(RunLog.folder)")
    }
    let changes = [ParentWatch.variable: String(getpid())]
    do throws(SystemError) {
      process = try ChildProcess(
        ([program] + words).map { Array($0.utf8) }, environment: OwnExecutable.environment(changing: changes),
        streams: .background(output: log.descriptor))
    } catch {
      log.remove()
      throw Failure(code: .cannotCreate, reason: "\(error)")
    }
    self.log = log
    self.client = client
    info = try Self.waitUntilItAnswers(process, client, log, isAborted)
  }

  private static func waitUntilItAnswers(
    _ process: ChildProcess, _ client: ControlClient, _ log: RunLog, _ isAborted: () -> Bool
  ) throws(Failure) -> InfoAnswer {
    let deadline = ContinuousClock.now + startLimit
    while true {
      if case .info(let info)? = try? client.ask(.info), info.pid == Int64(process.pid) { return info }
      switch process.poll() {
      case .exited(let code):
        let reason = log.lastWords ?? "it ended with code \(code); see \(log.path)"
        log.remove()
        throw Failure(code: ExitCode(rawValue: code), reason: reason)
      case .killed(let signal):
        throw Failure(code: .internalError, reason: "signal \(signal) ended it; see \(log.path)")
      case .stopped, nil: break
      }
      guard ContinuousClock.now < deadline, !isAborted() else {
        stop(process)
        throw Failure(code: .temporary, reason: "it did not answer; see \(log.path)")
      }
      usleep(pause)
    }
  }

  /// Ends it, with all that it holds sent; its log goes when nothing is wrong.
  func stop() {
    if Self.stop(process) { log.remove() }
  }

  /// False when it did not end well.
  @discardableResult
  private static func stop(_ process: ChildProcess) -> Bool {
    process.send(SIGTERM)
    let deadline = ContinuousClock.now + stopLimit
    while ContinuousClock.now < deadline {
      switch process.poll() {
      case .exited(let code): return code == 0
      case .killed: return false
      case .stopped, nil: usleep(pause)
      }
    }
    process.send(SIGKILL)
    return false
  }
}

/// The log file of an agent that a run started.
struct RunLog {
  let path: String
  let descriptor: Int32

  private static let attempts = 20
  /// Of the end of the file that is looked at.
  private static let tailBytes = 8_192

  /// Where temporary files go.
  static var folder: String {
    let set = ProcessSurroundings.environment["TMPDIR"] ?? ""
    return set.hasPrefix("/") ? set : "/tmp"
  }

  /// A new file that only this user can read; `nil` when none can be made.
  init?() {
    for attempt in 0..<Self.attempts {
      let suffix = attempt == 0 ? "" : "-\(attempt)"
      let path = "\(Self.folder)/roost-run-\(getpid())\(suffix).log"
      let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_APPEND | O_CLOEXEC, 0o600)
      if file >= 0 {
        self.path = path
        descriptor = file
        return
      }
      guard errno == EEXIST else { return nil }
    }
    return nil
  }

  /// The last line in which the program says what went wrong, without its name.
  var lastWords: String? {
    let size = lseek(descriptor, 0, SEEK_END)
    guard size > 0 else { return nil }
    var text = [UInt8](repeating: 0, count: min(Int(size), Self.tailBytes))
    let count = pread(descriptor, &text, text.count, size - off_t(text.count))
    guard count > 0 else { return nil }
    let lines = String(decoding: text[..<count], as: UTF8.self).split(separator: "\n")
    return lines.last { $0.hasPrefix("roost: ") }.map { safeText(String($0.dropFirst("roost: ".count))) }
  }

  func remove() {
    close(descriptor)
    unlink(path)
  }
}
