/// One of the agent's own metrics, under the name that Datadog's trace-agent gives it; its values are those of `roost info`.
package struct AgentMetric: Sendable {
  /// How its values follow one another.
  package enum Kind: String, Sendable {
    /// A sum since the agent's start, which only grows.
    case counter
    /// A value of now, which may go up and down.
    case gauge
  }

  /// A value, and what it is of.
  package struct Sample: Sendable, Equatable {
    /// Names and values, in the order in which they are written; a value is text from outside.
    package var tags: [Tag]
    /// A whole number that is not below zero.
    package var value: Double

    init(_ value: some BinaryInteger, _ tags: [Tag] = []) {
      self.tags = tags
      self.value = Double(value)
    }
  }

  /// A name in the form of both formats, letters and `_`, and what it says.
  package struct Tag: Sendable, Hashable {
    /// What the tag is about: `lang`, `reason`.
    package var name: String
    /// As it came, with whatever characters.
    package var value: String
  }

  /// Without the prefix `datadog.trace_agent.`: `receiver.traces_received`.
  package let name: String
  /// Whether it only grows, or goes up and down.
  package let kind: Kind
  /// What Prometheus's names end with: `bytes`, `seconds`; empty for what has no unit.
  package let unit: String
  /// What it counts, in one sentence.
  package let help: String
  /// The values that an answer of the agent holds of it.
  package let samples: @Sendable (InfoAnswer) -> [Sample]

  init(
    _ name: String, _ kind: Kind, unit: String = "", _ help: String,
    _ samples: @escaping @Sendable (InfoAnswer) -> [Sample]
  ) {
    self.name = name
    self.kind = kind
    self.unit = unit
    self.help = help
    self.samples = samples
  }
}
