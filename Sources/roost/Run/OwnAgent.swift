import Control
import Launching
import Platform
import Terminal

/// An agent that `roost run` started: this program as `roost serve`, in the background, with its log in a file.
struct OwnAgent {
  let process: ChildProcess
  let log: RunLog
  let info: InfoAnswer

  /// Ends it, with all that it holds sent; its log goes when nothing is wrong.
  func stop() {
    if process.end() { log.remove() } else { log.keep() }
  }
}

/// An agent that was started and does not answer yet.
struct StartingAgent {
  /// Why it did not come up.
  struct Failure: Error {
    let code: ExitCode
    /// Its last words, without the program's name.
    let reason: String
  }

  private let process: ChildProcess
  private let log: RunLog
  private let client: ControlClient
  private let deadline = ContinuousClock.now + limit

  /// From the start to the first answer at most.
  private static let limit = Duration.seconds(10)
  /// Between looks while nothing else is to be done, in microseconds.
  private static let pause: UInt32 = 10_000

  init(_ recipe: AgentRecipe) throws(Failure) {
    guard let program = OwnExecutable.path else {
      throw Failure(code: .internalError, reason: "the system does not tell where this program is")
    }
    guard let log = RunLog() else {
      let folders = RunLog.folders.joined(separator: " or ")
      throw Failure(code: .internalError, reason: "no log file can be made in \(folders)")
    }
    var changes = recipe.settings
    changes[ParentWatch.variable] = String(getpid())
    do throws(SystemError) {
      process = try ChildProcess(
        ([program] + recipe.words).map { Array($0.utf8) }, environment: OwnExecutable.environment(changing: changes),
        streams: .background(output: log.descriptor))
    } catch {
      log.remove()
      throw Failure(code: .temporary, reason: "\(error)")
    }
    self.log = log
    client = recipe.client
  }

  /// The agent once it answers, `nil` as long as it does not. Not to be asked again after either it or a failure.
  func look() throws(Failure) -> OwnAgent? {
    if case .info(let info)? = try? client.ask(.info, within: RunSession.askLimit), info.pid == Int64(process.pid) {
      return OwnAgent(process: process, log: log, info: info)
    }
    switch process.poll() {
    case .exited(let code):
      let words = log.lastWords
      words == nil ? log.keep() : log.remove()
      throw Failure(
        code: code == 0 ? .badConfiguration : ExitCode(rawValue: code),
        reason: words ?? "it ended with code \(code); see \(log.path)")
    case .killed(let signal):
      log.keep()
      throw Failure(code: .internalError, reason: "signal \(signal) ended it; see \(log.path)")
    case .stopped, nil: break
    }
    if ContinuousClock.now >= deadline { throw abandon() }
    return nil
  }

  /// Waits until it answers.
  ///
  /// - Parameter isAborted: asked while waiting; once true it is stopped and the start fails.
  func waitUntilItAnswers(isAborted: () -> Bool) throws(Failure) -> OwnAgent {
    while true {
      if let own = try look() { return own }
      if isAborted() { throw abandon() }
      usleep(Self.pause)
    }
  }

  func stop() {
    process.end()
    log.remove()
  }

  private func abandon() -> Failure {
    process.end()
    log.keep()
    return Failure(code: .temporary, reason: "it did not answer; see \(log.path)")
  }
}

extension ChildProcess {
  /// From the signal to the end at most; an agent has 5 s to send what it holds.
  private static let endLimit = Duration.seconds(7)
  private static let endPause: UInt32 = 10_000

  /// Ends an agent and waits for it; false when it did not end well.
  @discardableResult
  fileprivate func end() -> Bool {
    send(SIGTERM)
    // One that somebody has stopped could not follow.
    send(SIGCONT)
    let deadline = ContinuousClock.now + Self.endLimit
    while ContinuousClock.now < deadline {
      switch poll() {
      case .exited(let code): return code == 0
      case .killed: return false
      case .stopped, nil: usleep(Self.endPause)
      }
    }
    send(SIGKILL)
    return false
  }
}
