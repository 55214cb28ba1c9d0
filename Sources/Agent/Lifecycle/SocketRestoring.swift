import Control
import Receiver

/// Sees that the sockets by which apps and commands reach the agent are where they look for them, and logs what became of
/// them: folders are mounted late, those of `/run` are tidied up, and an agent that had the path before ends.
struct SocketRestoring: Sendable {
  let server: HTTPServer?
  let control: ControlServer?
  let log: Log

  /// To be called once a second; two calls of the system when all is well.
  func restore() {
    switch server?.restoreUnixSocket() {
    case .opened(let address, let isAnew)?:
      let why = isAnew ? "its file had been removed" : "what was in its way has gone"
      log.info("listening on \(address) (\(why))")
    case .missing(let failure)?: Self.log(failure, to: log)
    case nil: break
    }
    switch control?.restoreSocket() {
    case .opened?: log.info("the commands can ask this agent at \(control?.path ?? "")")
    case .missing(let error)?: log.error("the commands cannot ask this agent: \(error)")
    case nil: break
    }
  }

  /// Says where the agent does not listen; that is news only where somebody wanted it to.
  static func log(_ failure: ListenerFailure, to log: Log) {
    switch failure.severity {
    case .note: log.debug("not listening on \(failure)")
    case .taken: log.info("not listening on \(failure)")
    case .error: log.error("not listening on \(failure)")
    }
  }
}
