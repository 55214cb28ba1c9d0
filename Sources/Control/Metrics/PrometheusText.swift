/// The agent's own metrics in Prometheus's text format, version 0.0.4.
package enum PrometheusText {
  /// What an HTTP answer says of its body.
  package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  /// Each metric with its help and its type: `datadog_trace_agent_receiver_traces_received_total{lang="python"} 7`.
  package static func text(_ answer: InfoAnswer) -> String {
    var text = ""
    for metric in AgentMetric.all {
      let samples = metric.samples(answer)
      guard !samples.isEmpty else { continue }
      let name = Self.name(of: metric)
      text += "# HELP \(name) \(escaped(metric.help, quotes: false))\n# TYPE \(name) \(metric.kind.rawValue)\n"
      for sample in samples {
        let labels = sample.tags.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }
        text += name + (labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}") + " \(number(sample.value))\n"
      }
    }
    return text
  }

  /// The name, with its unit, and `_total` behind a counter's.
  static func name(of metric: AgentMetric) -> String {
    var name = "datadog_trace_agent_" + metric.name.replacing(".", with: "_")
    if !metric.unit.isEmpty, !name.hasSuffix("_\(metric.unit)") { name += "_\(metric.unit)" }
    return metric.kind == .counter ? name + "_total" : name
  }

  /// A whole number without a fraction: nothing else is counted.
  static func number(_ value: Double) -> String { Int64(exactly: value).map { "\($0)" } ?? "\(value)" }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    let text = text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    return quotes ? text.replacing("\"", with: "\\\"") : text
  }
}
