/// Metrics of products other than tracing: those of Datadog's trace-agent, and a few that are alike for all products.
extension AgentMetric {
  static var products: [AgentMetric] {
    [
      requests("profile", of: "profiling", "Requests with profiles."),
      requests("debugger", of: "dynamic_instrumentation", "Requests of dynamic instrumentation."),
      requests("openlineage", of: "openlineage", "Requests of OpenLineage."),
      requests("evp_proxy.request", of: "event_platform", "Requests for the event platform."),
      AgentMetric("evp_proxy.request_bytes", .counter, unit: "bytes", "Size of their bodies.") { answer in
        rows(answer, "event_platform").map { Sample($0.received.bytes) }
      },
      AgentMetric("evp_proxy.request_error", .counter, "Those that reached no intake.") { answer in
        rows(answer, "event_platform").map { Sample($0.dropped.values.reduce(0) { $0 &+ $1.requests }) }
      },
      AgentMetric("receiver.config_request", .counter, "Requests for remote configuration.") { answer in
        rows(answer, "remote_configuration").flatMap { row in
          [
            ("200", row.answered.requests), ("400", row.dropped["invalid_request"]?.requests ?? 0),
            ("429", row.dropped["memory_limit"]?.requests ?? 0),
          ].filter { $0.1 > 0 }.map { Sample($0.1, [Tag(name: "status_code", value: $0.0)]) }
        }
      },
      AgentMetric("product.requests", .counter, "Requests of products other than tracing.") { answer in
        answer.products.map { Sample($0.received.requests, [.product($0)]) }
      },
      AgentMetric("product.request_bytes", .counter, unit: "bytes", "Size of their bodies.") { answer in
        answer.products.map { Sample($0.received.bytes, [.product($0)]) }
      },
      AgentMetric("product.forwarded", .counter, "Those that their intake took.") { answer in
        answer.products.map { Sample($0.forwarded.requests, [.product($0)]) }
      },
      AgentMetric("product.discarded", .counter, "Those that were thrown away for want of an API key.") { answer in
        answer.products.map { Sample($0.discarded.requests, [.product($0)]) }
      },
      AgentMetric("product.refused", .counter, "Those that their intake refused, by its status.") { answer in
        answer.products.flatMap { row in samples(row.refused, of: row) }
      },
      AgentMetric("product.dropped", .counter, "Those that went nowhere, by reason.") { answer in
        answer.products.flatMap { row in samples(row.dropped, of: row) }
      },
    ]
  }

  private static func requests(_ name: String, of product: String, _ help: String) -> AgentMetric {
    AgentMetric(name, .counter, help) { answer in rows(answer, product).map { Sample($0.received.requests) } }
  }

  private static func rows(_ answer: InfoAnswer, _ product: String) -> [ProductRow] {
    answer.products.filter { $0.product == product }
  }

  private static func samples(_ counts: [String: RequestCounts], of row: ProductRow) -> [Sample] {
    counts.sorted { $0.key < $1.key }.map { Sample($0.value.requests, [.product(row), .reason($0.key)]) }
  }
}

extension AgentMetric.Tag {
  fileprivate static func product(_ row: ProductRow) -> Self { Self(name: "product", value: row.product) }
}
