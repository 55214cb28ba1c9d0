import TestFixtures

/// Requests of OpenTelemetry as programs could send them, in protobuf; the same ones for the same seed.
struct OTLPGenerator {
  private var random: SeededGenerator

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  /// An `ExportTraceServiceRequest` of one resource: each resource of a request is a payload of its own.
  mutating func request() -> [UInt8] {
    var resource: [UInt8] = []
    if !once(in: 6) { resource += message(1, message: attributes(of: Self.resourceKeys)) }
    for _ in 0...below(2) { resource += message(2, message: scope()) }
    return message(1, message: resource)
  }

  private mutating func scope() -> [UInt8] {
    var scope: [UInt8] = []
    if !once(in: 4) {
      scope += message(
        1,
        message: text(1, pick(["lib.a", "lib.b", ""])) + text(2, pick(["1.0", ""]))
          + (once(in: 3) ? message(3, message: keyValue("scope.key", anyValue(2))) : []))
    }
    for _ in 0...below(5) { scope += message(2, message: span()) }
    return scope
  }

  private mutating func span() -> [UInt8] {
    var span = message(1, Self.traces[below(Self.traces.count)]) + message(2, bytes(8))
    if once(in: 3) { span += text(3, "vendor=1") }
    if !once(in: 3) { span += message(4, bytes(8)) }
    span += text(5, pick(["GET /cart", "SELECT cart", "work", "naïve ✓", ""])) + varint(6, UInt64(below(7)))
    let start = 1_750_000_000_000_000_000 + UInt64(below(1_000_000))
    span += fixed64(7, start) + fixed64(8, start + UInt64(below(5_000_000_000)))
    span += attributes(of: Self.spanKeys, tag: 9)
    for _ in 0..<below(3) { span += message(11, message: event()) }
    for _ in 0..<below(3) { span += message(13, message: link()) }
    if !once(in: 3) {
      span += message(15, message: text(2, pick(["", "it failed"])) + varint(3, UInt64(below(3))))
    }
    return span
  }

  private mutating func event() -> [UInt8] {
    var event = fixed64(1, UInt64(below(1 << 40))) + text(2, pick(["exception", "retry", "a \"b\"\n", ""]))
    event += attributes(of: ["exception.type", "exception.message", "exception.stacktrace", "k", "ü"], tag: 3)
    return event + (once(in: 4) ? varint(4, UInt64(1 + below(9))) : [])
  }

  private mutating func link() -> [UInt8] {
    message(1, bytes(16)) + message(2, bytes(8)) + (once(in: 2) ? text(3, "a=1") : [])
      + attributes(of: ["link.kind", "k"], tag: 4) + (once(in: 4) ? varint(5, UInt64(1 + below(9))) : [])
  }

  // MARK: Attributes

  private static let traces = (1...4 as ClosedRange<UInt8>).map { number in
    [UInt8](repeating: number % 2 * 0x5B, count: 8) + [UInt8](repeating: number, count: 8)
  }

  private static let resourceKeys = [
    "service.name", "service.version", "deployment.environment.name", "deployment.environment",
    "telemetry.sdk.language", "telemetry.sdk.version", "host.name", "host.id", "k8s.node.name", "k8s.cluster.name",
    "container.id", "k8s.pod.uid", "process.pid", "shared", "datadog.host.name", "datadog.container_id",
    "service.namespace",
  ]

  private static let spanKeys = [
    "http.request.method", "http.method", "http.route", "http.response.status_code", "http.status_code", "url.full",
    "client.address", "user_agent.original", "network.protocol.version", "server.address",
    "http.request.header.x_id", "http.request.body.size", "http.response.body.size", "db.system", "db.namespace",
    "db.query.text", "db.name", "messaging.system", "messaging.operation", "messaging.destination.name", "rpc.system",
    "rpc.service", "rpc.method", "operation.name", "resource.name", "span.type", "service.name", "analytics.event",
    "sampling.priority", "_dd.measured", "_dd.own", "env", "version", "span.kind", "shared", "error.type",
    "datadog.service", "datadog.name", "datadog.env", "datadog.version", "datadog.span.kind", "datadog.error",
    "language", "k", "",
  ]

  /// Some of the keys, each once, in any order.
  private mutating func attributes(of keys: [String], tag: UInt64 = 1) -> [UInt8] {
    var list: [UInt8] = []
    for key in keys.shuffled(using: &random).prefix(below(9)) {
      // What is said for Datadog of the sender is text; numbers there are none that anybody sends.
      let isOfSender = keys == Self.resourceKeys && key.hasPrefix("datadog.")
      list += message(tag, message: keyValue(key, isOfSender ? text(1, "box-\(below(3))") : anyValue(3)))
    }
    return list
  }

  private func keyValue(_ key: String, _ value: [UInt8]) -> [UInt8] { text(1, key) + message(2, message: value) }

  private mutating func anyValue(_ depth: Int) -> [UInt8] {
    switch below(depth > 0 ? 9 : 6) {
    case 0: return varint(2, UInt64(below(2)))
    case 1: return varint(3, UInt64(bitPattern: pick([0, 1, -1, 200, 500, .max, .min, 1 << 53])))
    case 2: return fixed64(4, pick([0, 1, 0.5, -2, 1e300, 2]).bitPattern)
    case 3: return message(7, bytes(below(5)))
    case 4, 5:
      return text(
        1, pick(["1", "true", "web", "GET", "", "staging", "a \"b\"\n", String(repeating: "long ", count: 60)]))
    case 6:
      return message(5, message: (0..<below(3)).flatMap { _ in message(1, message: anyValue(depth - 1)) })
    case 7:
      return message(
        6,
        message: (0..<below(3)).flatMap { number in message(1, message: keyValue("n\(number)", anyValue(depth - 1))) })
    default: return text(1, "shop")
    }
  }

  // MARK: Protobuf

  private func varint(_ value: UInt64) -> [UInt8] {
    value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F) | 0x80] + varint(value >> 7)
  }

  private func varint(_ field: UInt64, _ value: UInt64) -> [UInt8] { varint(field << 3) + varint(value) }

  private func fixed64(_ field: UInt64, _ value: UInt64) -> [UInt8] {
    varint(field << 3 | 1) + (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private func message(_ field: UInt64, message bytes: [UInt8]) -> [UInt8] { message(field, bytes) }

  private func message(_ field: UInt64, _ bytes: [UInt8]) -> [UInt8] {
    varint(field << 3 | 2) + varint(UInt64(bytes.count)) + bytes
  }

  private func text(_ field: UInt64, _ text: String) -> [UInt8] { message(field, Array(text.utf8)) }

  // MARK: Chance

  private mutating func below(_ end: Int) -> Int { Int.random(in: 0..<end, using: &random) }
  private mutating func once(in count: Int) -> Bool { below(count) == 0 }
  private mutating func pick<Value>(_ values: [Value]) -> Value { values[below(values.count)] }
  private mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
  }
}
