import Control
import MessagePack
import Platform

/// One small trace as a tracer would send it: a web request with a query inside, in the v0.4 format. Service, client and a
/// tag say that no app sent it.
struct TestTrace {
  static let resource = "GET /roost/send-test"
  /// Tells it apart from apps' traces wherever it is forwarded to.
  private static let mark = ("roost.send_test", MessagePackValue.text("true"))

  /// Also the root span's id, never 0, as 0 means no id.
  let traceID: UInt64
  /// When the request began, nanoseconds since 1970.
  let startNs: Int64

  /// The request's body: a list of traces, each a list of spans, each a map.
  var body: [UInt8] {
    let root = span(
      id: traceID, parent: 0, name: "web.request", resource: Self.resource, type: "web", startNs: startNs,
      durationNs: 12_000_000,
      meta: [("span.kind", .text("server")), ("http.method", .text("GET"))],
      // A person asked for this trace, so sampling has to keep it: priority 2 is the client's "keep".
      // The process is named as tracers name theirs, so that the agent does not take it for a client without a name.
      metrics: [("_sampling_priority_v1", .double(2)), ("process_id", .double(Double(getpid())))])
    let query = span(
      id: (traceID ^ 1) | 2, parent: traceID, name: "sql.query", resource: "SELECT 1", type: "sql",
      startNs: startNs &+ 3_000_000, durationNs: 4_000_000, meta: [("span.kind", .text("client"))], metrics: [])
    return MessagePackValue.array([.array([root, query])]).pack()
  }

  private func span(
    id: UInt64, parent: UInt64, name: String, resource: String, type: String, startNs: Int64, durationNs: Int64,
    meta: [(String, MessagePackValue)], metrics: [(String, MessagePackValue)]
  ) -> MessagePackValue {
    .fields([
      ("service", .text(TestTraffic.service)), ("name", .text(name)), ("resource", .text(resource)),
      ("type", .text(type)),
      ("trace_id", .uint(traceID)), ("span_id", .uint(id)), ("parent_id", .uint(parent)), ("start", .int(startNs)),
      ("duration", .int(durationNs)), ("error", .int(0)), ("meta", .fields([Self.mark] + meta)),
      ("metrics", .fields(metrics)),
    ])
  }
}
