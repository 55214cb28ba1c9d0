import Addresses
import Control
import Diagnosis
import Launching
import Platform
import Terminal
import Text

/// An agent that runs and that this user cannot query: whose it is, and what to type.
struct HiddenAgent {
  enum Reason {
    /// It is another user's, who alone and root may query it.
    case notPermitted
    /// No process of this machine can be seen to have its port. Safe to send to when nobody but root or this user can
    /// have it.
    case distant(isSafe: Bool)
    /// It should be possible and is not.
    case unreachable(String)
  }

  /// Folders in which sudo looks for programs.
  private static let usualFolders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]

  let agent: AgentIdentity
  let address: SocketAddress
  let reason: Reason
  /// Where the commands of the agent's user look for it without being told.
  private let usualControlPath: String?

  init(_ agent: AgentIdentity, _ address: SocketAddress, _ reason: Reason, _ configuration: ConfigurationInForce) {
    self.agent = agent
    self.address = address
    self.reason = reason
    usualControlPath = configuration.usualControlPath(uid: agent.uid)
  }

  /// By this machine's own names: what an agent says of itself is not pasted into a shell.
  private var user: String? { SystemAccounts.userName(agent.uid) }

  /// Such as `the agent of dd-agent (roost 0.1.0, pid 812)`.
  var name: String {
    switch reason {
    case .distant: "roost \(safeText(agent.version))"
    case .notPermitted, .unreachable:
      "the agent of \(user.map(safeText) ?? "user \(agent.uid)") (roost \(safeText(agent.version)), pid \(agent.pid))"
    }
  }

  /// Why it cannot be queried, behind its name.
  var obstacle: String {
    switch reason {
    case .notPermitted: "what it has received is for its user and root only"
    case .distant: "its process cannot be seen from here: it may be in a container, and can be asked there"
    case .unreachable(let why): "it cannot be asked: \(safeText(why))"
    }
  }

  /// What to type instead of `words`, roost's arguments; `nil` where nothing helps.
  func command(_ words: [String] = Array(CommandLine.arguments.dropFirst())) -> String? {
    guard case .notPermitted = reason, let path = agent.controlSocket else { return nil }
    let asUser = agent.uid == 0 ? ["sudo"] : ["sudo", "-u", shellWord(user ?? "#\(agent.uid)")]
    let settings = path == usualControlPath ? [] : ["env", shellWord("ROOST_CONTROL_SOCKET=\(path)")]
    return (asUser + settings + [Self.program] + words.map(shellWord)).joined(separator: " ")
  }

  /// The one word where sudo would find it.
  private static var program: String {
    guard let path = OwnExecutable.path, let slash = path.lastIndex(of: "/") else { return "roost" }
    return usualFolders.contains(String(path[..<slash])) ? "roost" : shellWord(path)
  }

  /// For a command that can do nothing without querying it.
  var failure: CommandFailure {
    let code: ExitCode = if case .notPermitted = reason { .noPermission } else { .noAgent }
    return CommandFailure(
      code, "\(name) has \(address); \(obstacle)", hint: command().map { "Type: \(safeText($0))" })
  }
}
