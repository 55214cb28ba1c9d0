import Configuration
import Exporting
import Receiver

/// Dynamic instrumentation and the symbols for it: whatever the agent knows of the sender goes into the query.
extension ProductRule {
  /// Characters of the tags in the query at most, as in Datadog's trace-agent.
  static let debuggerTagsMax = 4_001

  /// - Parameters:
  ///   - settings: what is set of the intake.
  ///   - site: the intake of the site.
  ///   - makeID: a number for each request, as a UUID has it.
  static func debugger(
    _ paths: [String], _ product: Product, _ configuration: AgentConfiguration, _ settings: ProductIntakeSettings,
    _ site: String, _ sender: ProductSender, makeID: @escaping @Sendable () -> String = { RequestID.make() }
  ) -> ProductRule {
    ProductRule(
      product: product, paths: paths.map { .listed($0) }, intakes: intakes(settings, configuration, site: site),
      depart: { (request) throws(ProductRefusal) in
        let added = [
          sender.via, HTTPHeader("DD-REQUEST-ID", makeID()), HTTPHeader("DD-EVP-ORIGIN", "agent-debugger"),
        ]
        return ProductDeparture(
          arguments: request.arguments.filter { $0.name != "ddtags" }
            + [Request.Field("ddtags", debuggerTags(request, sender))],
          headers: ProductHeaders.passedOn(request.headers, adding: added), body: request.body)
      })
  }

  /// The agent's, the container's and the client's own.
  private static func debuggerTags(_ request: ProductRequest, _ sender: ProductSender) -> String {
    let container = request.container.map { String(decoding: $0.joinedTags, as: UTF8.self) }
    let given = request.arguments.first { $0.name == "ddtags" }?.value
    let all = [sender.tags, container, request.header("X-Datadog-Additional-Tags"), given].compactMap(\.self)
      .filter { !$0.isEmpty }.joined(separator: ",")
    return String(decoding: all.utf8.prefix(debuggerTagsMax), as: UTF8.self)
  }
}

/// Names by which requests are told apart.
enum RequestID {
  /// A random UUID (RFC 9562, version 4).
  static func make() -> String {
    var generator = SystemRandomNumberGenerator()
    let high = (generator.next() as UInt64) & ~0xF000 | 0x4000
    let low = (generator.next() as UInt64) >> 2 | 0x8000_0000_0000_0000
    let digits = hex(high) + hex(low)
    let parts = [digits[..<8], digits[8..<12], digits[12..<16], digits[16..<20], digits[20...]]
    return parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-")
  }

  private static func hex(_ value: UInt64) -> [UInt8] {
    let text = String(value, radix: 16)
    return Array((String(repeating: "0", count: 16 - text.utf8.count) + text).utf8)
  }
}
