import Diagnosis

/// What the doctor is asked to look at, and how long it may take.
package struct CollectionRequest: Sendable {
  /// Which processes or which address it is about.
  package enum Subject: Sendable, Equatable {
    /// This machine, and every process on it that is traced.
    case machine
    case process(Int64)
    /// Processes by the name of their program, script, module or jar.
    case named([String])
    /// No process: one address of an agent.
    case url(String)

    /// The word for it in evidence documents.
    var kind: String {
      switch self {
      case .machine: "machine"
      case .process: "process"
      case .named: "name"
      case .url: "url"
      }
    }
  }

  /// The processes or the address to look at.
  package var subject: Subject
  /// What roost would do by its configuration.
  package var configuration: ConfigurationEvidence
  /// What the running agent says, when one does.
  package var agent: AgentEvidence?
  /// Ports of running roosts that another configuration would find.
  package var otherPorts: [Int]
  /// How long each step may take.
  package var limits: CollectionLimits

  package init(
    _ subject: Subject = .machine, configuration: ConfigurationEvidence, agent: AgentEvidence? = nil,
    otherPorts: [Int] = [], limits: CollectionLimits = CollectionLimits()
  ) {
    self.subject = subject
    self.configuration = configuration
    self.agent = agent
    self.otherPorts = otherPorts
    self.limits = limits
  }
}

/// How long each step may take. Together less than 5 seconds when nothing answers.
package struct CollectionLimits: Sendable {
  /// How long resolving all names together may take.
  package var resolving = Duration.milliseconds(1000)
  /// Each connection; all are tried at the same time. A packet that was dropped is sent again after one second, so two
  /// seconds without an answer are no accident.
  package var connecting = Duration.milliseconds(2100)
  /// From being connected to the end of the answer.
  package var answering = Duration.milliseconds(1000)
  /// The second attempt where nothing came back: connecting and answering each.
  package var greeting = Duration.milliseconds(300)

  /// All of a probe, and what the machine needs to get to it.
  var probing: Duration { connecting + answering + greeting * 2 + .milliseconds(200) }

  package init() {}
}
