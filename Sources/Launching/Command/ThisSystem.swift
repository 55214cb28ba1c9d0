import Addresses
import Control
import Platform

/// The machine that a run is on.
struct ThisSystem: RunSystem {
  let processes = SystemProcessTable()

  var now: ContinuousClock.Instant { .now }

  func change(of process: ChildProcess) -> ChildProcess.Change? { process.poll() }

  func answer(
    _ question: ControlQuery, at controlPath: String, within limit: Duration
  ) throws(ControlError) -> ControlAnswer {
    try ControlClient(path: controlPath).query(question, within: limit)
  }

  func listener(at controlPath: String) -> ControlListening { ControlClient(path: controlPath).lookAtListener() }

  func takesConnections(_ target: SocketAddress) -> Bool { StreamSocket.takesConnections(target) }

  func lastWords(in log: AgentLog) -> String? { log.lastWords }

  func freePort() -> UInt16? { FreePort.find() }
}
