/// The agent's own metrics as datagrams of DogStatsD. What has been counted is sent as what came since the last time.
package struct DogStatsDText {
  /// Bytes of a datagram over UDP that fit into one packet of an Ethernet, as Datadog's clients have it; the system carries
  /// longer ones over unix sockets.
  package static let udpBytesMax = 1_432
  /// Bytes of a datagram over a unix socket: what DogStatsD reads at once.
  package static let unixBytesMax = 8_192
  /// Tags are made shorter; DogStatsD would, too.
  private static let tagBytesMax = 200

  private struct Series: Hashable {
    var name: String
    var tags: [AgentMetric.Tag]
  }

  private var sums: [Series: Double] = [:]
  private var hasStarted = false

  /// Nothing has been said yet.
  package init() {}

  /// What an answer says, and has not been said before: lines such as
  /// `datadog.trace_agent.receiver.traces_received:3|c|#lang:python`, several in a datagram.
  package mutating func datagrams(_ answer: InfoAnswer, bytesMax: Int) -> [String] {
    // What a thread is missing with now would count once more when it is back.
    guard answer.missingThreads == nil else { return [] }
    var lines = hasStarted ? [] : ["\(Self.prefix)started:1|c|#version:\(Self.cleaned(answer.version))"]
    hasStarted = true
    var seen: [Series: Double] = [:]
    for metric in AgentMetric.all {
      for sample in metric.samples(answer) {
        var value = sample.value
        if metric.kind == .counter {
          let series = Series(name: metric.name, tags: sample.tags)
          seen[series] = value
          value -= sums[series] ?? 0
          // A row that gave way to others may come back with less.
          guard value > 0 else { continue }
        }
        let tags = sample.tags.map { "\($0.name):\(Self.cleaned($0.value))" }.joined(separator: ",")
        lines.append(
          "\(Self.prefix)\(metric.name):\(PrometheusText.number(value))|\(metric.kind == .counter ? "c" : "g")"
            + (tags.isEmpty ? "" : "|#\(tags)"))
      }
    }
    sums = seen
    return Self.packed(lines, bytesMax: bytesMax)
  }

  private static let prefix = "datadog.trace_agent."

  private static func packed(_ lines: [String], bytesMax: Int) -> [String] {
    var datagrams: [String] = []
    for line in lines {
      if let last = datagrams.last, last.utf8.count + 1 + line.utf8.count <= bytesMax {
        datagrams[datagrams.count - 1] += "\n" + line
      } else {
        datagrams.append(line)
      }
    }
    return datagrams
  }

  /// A value without what parts lines and tags.
  private static func cleaned(_ value: String) -> String {
    let text = String(
      value.unicodeScalars.map { $0.value < 0x20 || "|,".unicodeScalars.contains($0) ? "_" : Character($0) })
    return String(decoding: text.utf8.prefix(tagBytesMax), as: UTF8.self)
  }
}
