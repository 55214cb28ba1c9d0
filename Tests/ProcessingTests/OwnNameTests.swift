import Patterns
import TestSpans
import Testing
import TraceModel

@testable import Processing

/// Names that spans of OpenTelemetry have besides their resources: what would be hidden in the one is hidden in the other.
@Suite struct `A span's own name` {
  /// What becomes of a name, of a span with this type and resource.
  private static func processed(
    _ name: String, type: String, resource: String = "GET /", _ configuration: ProcessingConfiguration = .init()
  ) throws -> (name: String, resource: String) {
    let span = TestSpan().with { ($0.type, $0.resource) = (type, resource) }
    return try withBatch([[span]]) { batch in
      batch.ownNames.append(batch.addBytes(Array(name.utf8)))
      batch.spans[0].ownName = 1
      var processor = Processor(steps: configuration.steps)
      processor.process(&batch, RequestFacts(nowNs: now, language: .empty, clientComputedTopLevel: false))
      return (batch.text(batch.title(of: batch.spans[0])), batch.text(batch.spans[0].resource))
    }
  }

  private static let names: [(name: String, type: String, shown: String)] = [
    ("SELECT cart", "sql", "SELECT cart"),
    ("SELECT * FROM cart WHERE id = 7", "sql", "SELECT * FROM cart WHERE id = ?"),
    ("SET user:7 secret", "redis", "SET"), ("GET /cart/7", "web", "GET /cart/7"), ("work 7", "", "work 7"),
  ]

  @Test(arguments: names)
  func `is obfuscated as a resource of its type is`(name: String, type: String, shown: String) throws {
    #expect(try Self.processed(name, type: type).name == shown)
  }

  @Test(arguments: ["resource.name", "*"])
  func `is rewritten by the rules for resources`(rule: String) throws {
    var configuration = ProcessingConfiguration()
    configuration.replaceRules = [try ReplaceRule(name: rule, pattern: Pattern("[0-9]+"), replacement: "N")]
    let changed = try Self.processed("GET /cart/7", type: "web", resource: "GET /9", configuration)
    #expect(changed == ("GET /cart/N", "GET /N"))
  }

  @Test func `is cut where a resource is`() throws {
    let long = String(repeating: "x", count: 6_000)
    #expect(try Self.processed(long, type: "web").name.count == 5_000)
  }
}
