import Configuration
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

/// The agent that a run sends to: the one that is there, else one started for it.
struct AgentForRun {
  let client: ControlClient
  let target: AgentTarget
  /// Before the command was started.
  let info: InfoAnswer
  /// `nil` for an agent that was there before; it is left running.
  let own: OwnAgent?
  /// What the other commands need to be told to find it; empty when they find it by themselves.
  let settings: [String: String]
  /// What the user has to know of it, a line each.
  let notes: [String]

  /// How often another free port is tried.
  private static let attempts = 3

  static func find(_ context: CommandContext, isAborted: () -> Bool) throws(CommandFailure) -> AgentForRun {
    let configuration = try ConfigurationInForce(context)
    let client = ControlClient(path: try configuration.controlPath())
    do {
      guard case .info(let info) = try client.ask(.info) else {
        throw CommandFailure(.internalError, "the agent answered another question than was asked")
      }
      return try AgentForRun(client, info, own: nil, notes: ["using the agent that is there (pid \(info.pid))"])
    } catch let error as ControlError {
      guard case .noAgent = error else { throw CommandFailure(error) }
    } catch let failure as CommandFailure {
      throw failure
    } catch {
      throw CommandFailure(.internalError, "\(error)")
    }
    return try start(context, configuration, client, isAborted)
  }

  private static func start(
    _ context: CommandContext, _ configuration: ConfigurationInForce, _ client: ControlClient, _ isAborted: () -> Bool
  ) throws(CommandFailure) -> AgentForRun {
    let words = ["serve"] + (context.options.configPath.map { ["--config", $0] } ?? [])
    let own: OwnAgent
    do throws(OwnAgent.Failure) {
      own = try OwnAgent(words, client: client, isAborted: isAborted)
    } catch {
      let isPortTaken = error.code == .cannotCreate && configuration.value.receiverPort != 0 && !isAborted()
      guard isPortTaken else { throw CommandFailure(error) }
      return try startElsewhere(configuration, words, after: error, isAborted)
    }
    return try started(own, notes: [], settings: [:])
  }

  /// The configured port cannot be had: another program has it.
  private static func startElsewhere(
    _ configuration: ConfigurationInForce, _ words: [String], after first: OwnAgent.Failure, _ isAborted: () -> Bool
  ) throws(CommandFailure) -> AgentForRun {
    var failure = first
    for _ in 0..<attempts {
      guard let port = FreePort.find() else { break }
      let client = ControlClient(path: try configuration.controlPath(port: Int(port)))
      let own: OwnAgent
      do throws(OwnAgent.Failure) {
        own = try OwnAgent(words + ["--port", String(port)], client: client, isAborted: isAborted)
      } catch {
        failure = error
        guard error.code == .cannotCreate else { break }
        continue
      }
      let other = "to ask this agent from another shell: DD_APM_RECEIVER_PORT=\(port) roost services"
      return try started(own, notes: [first.reason, other], settings: ["DD_APM_RECEIVER_PORT": String(port)])
    }
    throw CommandFailure(failure)
  }

  private static func started(
    _ own: OwnAgent, notes: [String], settings: [String: String]
  ) throws(CommandFailure) -> AgentForRun {
    let started = "started an agent for this run (pid \(own.process.pid), log \(own.log.path))"
    return try AgentForRun(own.client, own.info, own: own, notes: notes + [started], settings: settings)
  }

  private init(
    _ client: ControlClient, _ info: InfoAnswer, own: OwnAgent?, notes: [String], settings: [String: String] = [:]
  ) throws(CommandFailure) {
    guard let target = AgentTarget(listeners: info.listeners) else {
      own?.stop()
      throw CommandFailure(
        .badConfiguration, "the agent (pid \(info.pid)) listens on nothing that an app could send to")
    }
    self.client = client
    self.info = info
    self.target = target
    self.own = own
    self.settings = settings
    self.notes = notes.dropLast() + notes.suffix(1).map { "\($0), on \(target)" }
  }
}

extension CommandFailure {
  fileprivate init(_ failure: OwnAgent.Failure) {
    self.init(failure.code == .fine ? .badConfiguration : failure.code, "no agent could be started: \(failure.reason)")
  }
}

/// A TCP port that nobody has at the moment.
enum FreePort {
  /// Asks the system; `nil` when it has none.
  static func find() -> UInt16? {
    let descriptor = socket(AF_INET, SystemSockets.stream, 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isFound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
      }
    }
    return isFound ? UInt16(bigEndian: address.sin_port) : nil
  }
}
