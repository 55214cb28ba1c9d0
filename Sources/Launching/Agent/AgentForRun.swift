import Addresses
import Control

/// The agent that a run sends to: the one that is there, else one started for it.
package struct AgentForRun: Sendable {
  /// Where the command sends to.
  package let target: SocketAddress
  /// How another one is started in its place.
  package let recipe: AgentRecipe
  /// What it said when it was found or had been started; for the first one of a run, before the command was.
  package internal(set) var info: InfoAnswer
  /// Who had the control socket then.
  var listener: ControlListening
  /// `nil` for an agent that was there before; it is left running.
  package internal(set) var own: OwnAgent?
  /// Set while it takes the command's traces and this user cannot query it: nothing is known of what becomes of them.
  package internal(set) var hidden: AgentElsewhere?
  /// What the user has to know of it, a line each.
  package let notes: [String]

  /// `nil` when it listens on nothing that an app could send to.
  init?(
    _ info: InfoAnswer, _ recipe: AgentRecipe, own: OwnAgent? = nil, listener: ControlListening, notes: [String] = []
  ) {
    guard let target = SocketAddress.target(listeners: info.listeners) else { return nil }
    self.target = target
    self.recipe = recipe.listening(on: target)
    self.info = info.ofApps
    self.listener = listener
    self.own = own
    let found: String
    if let own {
      found = "started an agent for this run (pid \(info.pid), log \(own.log.path))"
    } else {
      found = "using the agent \(info.runPid == 0 ? "that is there" : "of another run") (pid \(info.pid))"
    }
    self.notes = notes + ["\(found), on \(target)"]
  }

  /// One that takes the command's traces as it takes everybody's, and cannot be queried.
  init(hidden: AgentElsewhere, _ recipe: AgentRecipe) {
    target = hidden.target
    self.recipe = recipe.listening(on: hidden.target)
    info = InfoAnswer(version: "", commit: "", pid: hidden.pid, startedNs: 0, nowNs: 0, hostname: "")
    listener = .somebody(pid: 0)
    self.hidden = hidden
    notes = ["using \(hidden.name), on \(target)"] + hidden.notes
  }

  /// How long the tables of a run that ends now can still be asked for, and what to type.
  var keeping: String {
    guard own != nil else {
      let how = "to see them again: \(recipe.typed("services"))"
      return info.runPid == 0 ? how : "\(how); they end with the run that started the agent (pid \(info.runPid))"
    }
    if let file = recipe.store?.typed {
      return "this run's agent ends now; what it kept can be read until the next run: roost traces --db \(file), "
        + "roost trace ID --db \(file)"
    }
    let both = recipe.settings.isEmpty ? "" : "; run the command with the same settings then"
    return "this run's agent ends now, and its tables with it; to keep such tables for an hour, start an agent before "
      + "the run, in another shell: \(recipe.typed("serve"))\(both)"
  }

  /// Whether that is this agent's answer, and not that of another behind the same socket.
  func isOwnAnswer(_ answer: InfoAnswer) -> Bool { answer.pid == info.pid && answer.startedNs == info.startedNs }
}
