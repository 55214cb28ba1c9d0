/// What marks the traces of `roost send-test`, so that tables and warnings about apps leave them out. Counters do not:
/// what came in and what went out includes them.
package enum TestTraffic {
  /// The service of each of their spans.
  package static let service = "roost-test"
  /// Stands where clients name their language, in the header `Datadog-Meta-Lang`.
  package static let client = "roost-send-test"
}

extension InfoAnswer {
  /// Received from `roost send-test`, out of what was received in all.
  package var receivedFromTests: TrafficCounts {
    clients.filter(\.isTest).reduce(into: TrafficCounts()) { sum, client in
      sum.payloads &+= client.received.payloads
      sum.bytes &+= client.received.bytes
      sum.traces &+= client.received.traces
      sum.spans &+= client.received.spans
    }
  }

  /// The same agent as if `roost send-test` had sent nothing: for whatever judges apps. What was kept, sent and dropped
  /// stays as it is.
  package var ofApps: InfoAnswer {
    var answer = self
    let tests = receivedFromTests
    answer.received.payloads -= min(tests.payloads, received.payloads)
    answer.received.bytes -= min(tests.bytes, received.bytes)
    answer.received.traces -= min(tests.traces, received.traces)
    answer.received.spans -= min(tests.spans, received.spans)
    answer.clients.removeAll(where: \.isTest)
    answer.clientLosses.removeAll { $0.client.hasPrefix(TestTraffic.client) }
    answer.processes.removeAll { $0.language == TestTraffic.client }
    answer.rates = rates.filter { !$0.key.hasPrefix("service:\(TestTraffic.service),") }
    return answer
  }
}

extension ClientRow {
  /// Whether the client is `roost send-test` rather than an app.
  package var isTest: Bool { language == TestTraffic.client }
}
