import Addresses
import Control
import Traces

/// What a run can see: the clock, processes, and whoever answers on a socket. Its decisions look through this alone, so
/// that tests can show them anything. Nothing here changes what a later look sees.
package protocol RunSystem {
  associatedtype Processes: ProcessTable

  var now: ContinuousClock.Instant { get }
  /// The processes of the machine.
  var processes: Processes { get }
  /// What a process of this run has done since the last look; `nil` for nothing.
  func change(of process: ChildProcess) -> ChildProcess.Change?
  /// An agent's answer to one question.
  func answer(
    _ question: ControlQuery, at controlPath: String, within limit: Duration
  ) throws(ControlError) -> ControlAnswer
  /// Who listens on a control socket.
  func listener(at controlPath: String) -> ControlListening
  /// Whether anything takes connections where a command sends to.
  func takesConnections(_ target: SocketAddress) -> Bool
  /// What the agent of a log said last of what went wrong.
  func lastWords(in log: AgentLog) -> String?
  /// A TCP port that nobody has at the moment.
  func freePort() -> UInt16?
}

extension RunSystem {
  /// What the agent there says of itself and of apps; `nil` when nobody answers in time.
  func info(at controlPath: String, within limit: Duration) -> InfoAnswer? {
    guard case .info(let info)? = try? answer(.info, at: controlPath, within: limit) else { return nil }
    return info.ofApps
  }

  /// The services of the window that ends now, `nil` for all that is kept.
  func services(
    at controlPath: String, windowNs: Int64? = nil, within limit: Duration = ControlProtocol.timeout
  ) -> ServicesAnswer? {
    let question = ControlQuery.services(ServicesQuery(windowNs: windowNs))
    guard case .services(let answer)? = try? answer(question, at: controlPath, within: limit) else { return nil }
    return answer
  }

  /// Traces that are kept; `nil` when the agent keeps none, or does not answer.
  func traces(_ query: TracesQuery, at controlPath: String, within limit: Duration) -> TracesAnswer? {
    guard case .traces(let answer)? = try? answer(.traces(query), at: controlPath, within: limit) else { return nil }
    return answer
  }

  /// The resources of all services in the window that ends now, `nil` for all that is kept.
  func resources(
    at controlPath: String, windowNs: Int64? = nil, within limit: Duration = ControlProtocol.timeout
  ) -> ResourcesAnswer? {
    let question = ControlQuery.resources(ResourcesQuery(service: nil, windowNs: windowNs))
    guard case .resources(let answer)? = try? answer(question, at: controlPath, within: limit) else { return nil }
    return answer
  }
}
