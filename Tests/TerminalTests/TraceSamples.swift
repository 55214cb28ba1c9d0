import Control
import Traces

/// The traces behind the golden files.
enum TraceSamples {
  static let ms: Int64 = 1_000_000
  static let start: Int64 = ReportSamples.now - 90_000 * ms

  static func span(
    _ id: UInt64, under parent: UInt64 = 0, _ service: String, _ operation: String, _ resource: String,
    type: String = "",
    at startMs: Double, for durationMs: Double
  ) -> TraceSpan {
    TraceSpan(
      spanID: id, parentID: parent, service: service, operation: operation, resource: resource, type: type,
      startNs: start + Int64(startMs * 1e6), durationNs: Int64(durationMs * 1e6))
  }

  /// A checkout that asks a database in a loop, calls another service, and fails.
  static let checkout: TraceAnswer = {
    var root = span(1, "shop", "flask.request", "POST /checkout", type: "web", at: 0, for: 412)
    root.meta = [
      ("env", "prod"), ("language", "python"), ("http.status_code", "500"), ("span.kind", "server"),
      ("error.type", "RuntimeError"), ("error.message", "the till is closed"), ("http.url", "http://shop/checkout"),
    ]
    root.metrics = [("_sampling_priority_v1", 1), ("process_id", 4711)]
    root.isError = true
    var view = span(2, under: 1, "shop", "flask.dispatch_request", "checkout", at: 1.5, for: 409)
    view.meta = [
      ("error.type", "RuntimeError"), ("error.message", "the till is closed"),
      (
        "error.stack",
        """
        Traceback (most recent call last):
          File "/app/shop.py", line 31, in checkout
            close(till)
          File "/app/till.py", line 7, in close
            raise RuntimeError("the till is closed")
        RuntimeError: the till is closed
        """
      ),
    ]
    view.isError = true
    view.events = [
      TraceSpanEvent(timeNs: start + 20 * ms, name: "cart loaded", attributes: [TraceAttribute("items", .int(31))])
    ]
    let queries = (0..<31).map { (place: Int) -> TraceSpan in
      let startMs = 20 + Double(place) * 6
      let durationMs = 4 + Double(place % 7) * 0.2
      return span(
        UInt64(100 + place), under: 2, "shop-db", "sqlite.query", "SELECT name FROM items WHERE id = \(place)",
        type: "sql",
        at: startMs, for: durationMs)
    }
    var call = span(3, under: 2, "shop", "requests.request", "GET http://orders/stock", type: "http", at: 220, for: 150)
    call.meta = [("span.kind", "client"), ("http.status_code", "200")]
    // Its clock is behind.
    var handler = span(4, under: 3, "orders", "flask.request", "GET /stock", type: "web", at: -600, for: 120)
    handler.links = [
      TraceSpanLink(
        traceID: TraceID(high: 0x6923_1ab0_0000_0000, low: 0xfeed), spanID: 9,
        attributes: [TraceAttribute("why", .text("batch"))])
    ]
    let read = span(5, under: 4, "orders", "redis.command", "MGET", type: "redis", at: -590, for: 90)
    let log = span(6, under: 2, "shop", "log.write", "log.write", at: 300, for: 12)
    let orphan = span(7, under: 77, "mailer", "celery.run", "tasks.receipt", type: "worker", at: 380, for: 70)
    return TraceAnswer(
      Trace(
        id: TraceID(high: 0x6923_1ab0_0000_0000, low: 0x0123_4567_89ab_cdef),
        spans: [root, view, call, handler, read, log, orphan] + queries, isKept: true, keptBy: "priority"))
  }()

  /// Spans that hang on nothing that is here, in every way.
  static let orphans: TraceAnswer = {
    let root = span(1, "shop", "flask.request", "GET /cart", type: "web", at: 0, for: 100)
    let second = span(2, "shop", "flask.request", "GET /stock", type: "web", at: 40, for: 20)
    let queries = (0..<12).map { (place: Int) -> TraceSpan in
      let startMs = 5 + Double(place) * 5
      return span(
        UInt64(100 + place), under: 77, "shop-db", "sqlite.query", "SELECT name FROM items WHERE id = \(place)",
        type: "sql", at: startMs, for: 4)
    }
    let jobs = (0..<7).map { (place: Int) -> TraceSpan in
      span(
        UInt64(200 + place), under: UInt64(300 + place), "mailer", "celery.run", "tasks.receipt", type: "worker",
        at: 110 + Double(place), for: 3)
    }
    var failed = span(3, under: 78, "mailer", "celery.run", "tasks.receipt", type: "worker", at: 120, for: 3)
    failed.isError = true
    let ring = [
      span(4, under: 5, "shop", "a", "a", at: 130, for: 9), span(5, under: 4, "shop", "b", "b", at: 131, for: 5),
    ]
    let twice = span(6, under: 1, "shop", "template", "cart.html", at: 90, for: 5)
    var call = span(7, under: 1, "shop", "requests.request", "GET http://orders/", type: "http", at: 60, for: 20)
    call.meta = [("span.kind", "client")]
    let ahead = span(8, under: 7, "orders", "flask.request", "GET /", type: "web", at: 560, for: 10)
    return TraceAnswer(
      Trace(
        id: TraceID(high: 0, low: 9), spans: [root, second, failed, twice, twice, call, ahead] + queries + jobs + ring,
        isKept: true, keptBy: "priority"))
  }()

  /// Links and events as tracers write them into tags, of every kind, and with texts that would do harm.
  static let linked: TraceAnswer = {
    var root = span(1, "job", "job.run", "nightly", at: 0, for: 50)
    root.meta = [
      (
        "_dd.span_links",
        #"""
        [{"trace_id":"00000000000000000000000000000009","span_id":"0000000000000001","attributes":{"own":"yes"}},
        {"trace_id":"0000000000001234abcdef0123456789","span_id":"1122334455667788","tracestate":"dd=s:2","flags":1,
        "attributes":{"items.1":"coat","items.0":"hat","why":"batch \u001b[2J \u202e"},"dropped_attributes_count":2},
        {"trace_id":"0","span_id":"0","attributes":{"ptr.kind":"aws.s3.object","ptr.hash":"06ca34f8","link.kind":
        "span-pointer"}}]
        """#
      ),
      (
        "events",
        """
        [{"name":"loaded","time_unix_nano":\(start + 5 * ms),"attributes":{"rows":31,"share":0.5,"ok":true,"sizes":[1,2]}},
        {"name":"exception","time_unix_nano":\(start + 7 * ms),"attributes":{"exception.type":"builtins.ValueError",
        "exception.message":"no such\\ncart","exception.stacktrace":"Traceback:\\n  File \\"/app/job.py\\", line 9, in load\\n    \
        raise ValueError\\nValueError: no such\\ncart","tries":3}},{"name":"4","time_unix_nano":4},
        {"name":"5","time_unix_nano":5},{"name":"6","time_unix_nano":6},{"name":"7","time_unix_nano":7},
        {"name":"8","time_unix_nano":8}]
        """
      ),
    ]
    var step = span(2, under: 1, "job", "internal", "step", at: 10, for: 20)
    step.isError = true
    step.meta = [
      ("error.type", "builtins.RuntimeError"), ("error.message", "RuntimeError: the till is closed"),
      (
        "events",
        """
        [{"name":"exception","time_unix_nano":\(start + 20 * ms),"attributes":{"exception.type":"builtins.RuntimeError",
        "exception.message":"the till is closed"}}]
        """
      ), ("_dd.span_links", "no list"),
    ]
    let trace = Trace(id: TraceID(high: 0, low: 9), spans: [root, step], isKept: true, keptBy: "priority")
    return TraceAnswer(trace.readingTaggedLists)
  }()

  /// Texts that would do harm, and lengths and depths that nobody reads.
  static let hostile: TraceAnswer = {
    var root = span(
      1, "sh\u{1b}[2Jop", "op\u{7}", "\u{202e}GET " + String(repeating: "漢", count: 300_000), type: "web", at: 0,
      for: 10)
    root.meta = [
      ("error.message", "line\nbreak \u{1b}]0;title\u{7}"), ("k\u{9b}", String(repeating: "v", count: 5000)),
      ("error.stack", "at a\u{1b}[31m\nat b"),
    ]
    root.isError = true
    let chain = (2..<60).map { span(UInt64($0), under: UInt64($0 - 1), "s", "o", "r", at: 1, for: 9) }
    return TraceAnswer(
      Trace(id: TraceID(high: 0, low: 7), spans: [root] + chain, isKept: false, keptBy: "sampling_auto_drop"))
  }()

  /// More spans than there are lines.
  static let large: TraceAnswer = {
    let root = span(1, "batch", "job.run", "nightly", at: 0, for: 10_000)
    let steps = (0..<9_999).map { (place: Int) -> TraceSpan in
      let parent = place < 100 ? 1 : UInt64(place % 100 + 2)
      let durationMs = 1 + Double(place % 13)
      return span(
        UInt64(place + 2), under: parent, "batch", "step.\(place % 97)",
        "row \(place)",
        at: Double(place), for: durationMs)
    }
    return TraceAnswer(Trace(id: TraceID(high: 0, low: 8), spans: [root] + steps, isKept: true, keptBy: "priority"))
  }()

  static let list = TracesAnswer(
    nowNs: ReportSamples.now,
    rows: [
      TraceSummary(checkout.trace),
      TraceSummary(
        id: TraceID(high: 0, low: 0xabcd), startNs: start - 86_400_000 * ms, durationNs: 2_340_000,
        rootService: "shop",
        rootResource: "GET /cart/<item>", rootOperation: "flask.request", env: "prod", spanCount: 1_204,
        errorCount: 0,
        services: ["shop"], statusCode: "200", isKept: true, keptBy: "priority"),
    ], hasMore: true)

  static let hostileList = TracesAnswer(
    nowNs: ReportSamples.now, rows: list.rows + [TraceSummary(hostile.trace)], searchedBackToNs: start)
}
