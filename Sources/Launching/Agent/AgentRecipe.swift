import Addresses

/// How the agent of a run is started, be it for the first time or in the place of one that ended.
package struct AgentRecipe: Sendable, Equatable {
  /// Names in the agent's environment the process that it belongs to, and with which it ends.
  package static let parentVariable = "ROOST_RUN_PARENT"

  /// Arguments behind the program's name.
  package var words: [String]
  /// Variables that it and the other commands need to be told so that they meet; empty when they do by themselves.
  package var settings: [String: String]
  /// The socket on which it will answer queries.
  package var controlPath: String
  /// The code with which it ends when another program has its port.
  package var addressTakenCode: Int32
  /// Options that the other commands need to be told, as they are typed, with a space before; empty when there are none.
  package var typedOptions: String
  /// Where it keeps what it takes, for looks after the run; `nil` when the configuration says where, or nothing is kept.
  package var store: RunStore?

  /// A recipe with all its parts.
  package init(
    words: [String], settings: [String: String], controlPath: String, addressTakenCode: Int32,
    typedOptions: String = "",
    store: RunStore? = nil
  ) {
    self.words = words
    self.settings = settings
    self.controlPath = controlPath
    self.addressTakenCode = addressTakenCode
    self.typedOptions = typedOptions
    self.store = store
  }

  /// All arguments that it is started with.
  var allWords: [String] { words + (store.map { ["--db", $0.path] } ?? []) }

  /// A command that meets this agent, as it is typed in another shell: `DD_APM_RECEIVER_PORT=9126 roost services`.
  func typed(_ command: String) -> String {
    let variables = settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value) " }.joined()
    return "\(variables)roost \(command)\(typedOptions)"
  }

  /// The same agent, made to listen where a command sends to.
  func listening(on target: SocketAddress) -> AgentRecipe {
    guard case .tcp(_, let port) = target, !words.contains("--port") else { return self }
    return on(port: port)
  }

  /// The same agent on a port.
  func on(port: UInt16) -> AgentRecipe {
    var recipe = self
    recipe.words += ["--port", String(port)]
    return recipe
  }
}
