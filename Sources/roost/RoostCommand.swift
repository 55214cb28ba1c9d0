import Control
import Terminal
import Text

/// One word behind `roost`: what it takes and what it does.
protocol RoostCommand: SendableMetatype {
  static var model: CommandModel { get }

  /// Prints to standard output; what went wrong is thrown and worded by the caller.
  static func run(_ context: CommandContext) throws(CommandFailure) -> ExitCode
}

/// Why a command could not do its work: what is printed, and the exit code.
struct CommandFailure: Error {
  let code: ExitCode
  /// One sentence for the person at the terminal, without roost's name in front.
  let message: String
  /// What to type next, on a line of its own.
  let hint: String?

  init(_ code: ExitCode, _ message: String, hint: String? = nil) {
    self.code = code
    self.message = message
    self.hint = hint
  }
}

extension CommandFailure {
  /// What a failed talk with the agent means for the person who typed the command.
  ///
  /// - Parameter onPort: what was found where the agent should take traces.
  init(_ error: ControlError, _ onPort: AgentOnPort = .nobody) {
    let text = safeText(error.description)
    switch error {
    case .noAgent(let path):
      if case .other(let address) = onPort {
        self.init(
          .noAgent, "no agent is running (\(text)); another program answers on \(address)",
          hint: "Start one beside it: DD_APM_RECEIVER_PORT=8127 roost serve")
        return
      }
      let others = OtherAgents.ports(near: path)
      let start = others.isEmpty ? "; start one: roost serve" : ""
      let hint = others.first.map { "An agent answers on port \($0); to ask it, set DD_APM_RECEIVER_PORT=\($0)." }
      self.init(.noAgent, "no agent is running (\(text))\(start)", hint: hint)
    case .timedOut, .closedEarly:
      self.init(.temporary, "the agent did not answer: \(text)", hint: "Try again; it may be starting or stopping.")
    case .busy: self.init(.temporary, text, hint: "Try again in a moment.")
    case .notPermitted, .unsafeFolder: self.init(.noPermission, text)
    case .pathTooLong: self.init(.badConfiguration, text)
    case .versionMismatch, .refused, .notASocket: self.init(.noAgent, text)
    case .alreadyRunning, .system: self.init(.cannotCreate, text)
    case .tooLarge, .malformed: self.init(.internalError, "the agent's answer was not understood: \(text)")
    }
  }
}
