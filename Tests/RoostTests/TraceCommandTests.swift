import Control
import Foundation
import Testing
import Traces

@Suite("Commands about single traces")
struct TraceCommandTests {
  @Test("traces prints the table, the document, or a line of JSON for each")
  func list() throws {
    let agent = try CannedAgent()
    let table = try agent.run(["traces"], ["TZ": "UTC"])
    #expect(table.code == 0 && table.output.contains(/shop +GET \/cart +5\.0ms +1 +shop +1 +503 +errors +ab00000000/))
    let document = try agent.json(["traces", "--json"])
    #expect(document["schema"] as? String == "roost.traces.v1")
    let row = try #require((document["traces"] as? [[String: Any]])?.first)
    #expect(
      Set(row.keys) == [
        "trace_id", "start_ns", "duration_ns", "root_service", "root_resource", "root_operation", "env", "span_count",
        "error_count", "services", "status_code", "kept", "kept_by",
      ])
    let lines = try agent.run(["traces", "--ndjson"]).output
    #expect(lines.hasPrefix(#"{"trace_id":"ab00000000000000","#) && lines.split(separator: "\n").count == 1)
  }

  @Test("A trace that is only the best of those that were looked at is printed with a word about it")
  func searchEndedEarly() throws {
    let agent = try CannedAgent()
    let command = ["trace", "slowest", "shop", "GET /cart"]
    let note = "not all traces were looked at, to answer in time: another one may fit better\n"
    let tree = try agent.run(command)
    #expect(tree.code == 0 && tree.output.contains(note) && tree.errors.isEmpty)
    let document = try agent.run(command + ["--json"])
    #expect(document.output.contains(#""search_ended_early": true"#) && document.errors == "roost: " + note)
    let none = try agent.run(["trace", "slowest", "mail", "GET /cart"])
    #expect(none.code == 1 && none.errors.contains("was found in time; not all were looked at"))
    agent.endSearches(at: [2_000_000_000])
    let list = try agent.run(["traces", "cart"], ["TZ": "UTC"])
    #expect(list.code == 1 && list.output.contains("Searched back to 1970-01-01 00:00:02.000 only"), "\(list.output)")
  }

  @Test("Words and options reach the agent as one query")
  func query() throws {
    let agent = try CannedAgent()
    _ = try agent.run(["traces", "cart", "OR", "checkout", "--service", "shop", "--limit", "7", "--sort", "duration"])
    guard case .traces(let query)? = agent.queries.first else {
      Issue.record("no query: \(agent.queries)")
      return
    }
    #expect(query.filter.description == "(cart OR checkout) service:shop")
    #expect(query.limit == 7 && query.order == .duration && query.sinceNs == nil)
  }

  @Test("A query that finds nothing says so, with code 1")
  func nothing() throws {
    let agent = try CannedAgent()
    let outcome = try agent.run(["traces", "sevce:shop"])
    #expect(outcome.code == 1)
    #expect(
      outcome.output == "No trace matches sevce:shop.\nsevce is looked for among the tags; did you mean service:?\n")
    let document = try agent.run(["traces", "status:ok", "--json"])
    #expect(document.code == 1 && document.output.contains("\"traces\": []"))
    #expect(document.errors == "roost: no trace matches status:ok.\n")
  }

  @Test("Traces are followed: each is printed once")
  func follow() throws {
    let agent = try CannedAgent()
    let lines = try agent.watch(["traces", "--follow", "--since", "500d"], lines: 2)
    #expect(lines.first?.hasPrefix("TIME") == true && lines.last?.contains("GET /cart") == true)
    let objects = try agent.run(["traces", "--follow", "--ndjson", "--limit", "1"])
    #expect(objects.code == 0 && objects.output.hasPrefix(#"{"trace_id":"ab00000000000000""#))
    #expect(objects.output.split(separator: "\n").count == 1)
    // From the first query on, each goes on where the one before has ended.
    let places = agent.queries.suffix(3).map { query -> Int64? in
      guard case .traces(let query) = query else { return nil }
      return query.arrivedAfter
    }
    #expect(places == [nil, 2, 3])
  }

  @Test("A search for earlier traces goes on where it ended early, and what it cannot reach is said")
  func followEarlier() throws {
    let command = ["traces", "--follow", "--ndjson", "--limit", "1", "--since", "500d"]
    let agent = try CannedAgent()
    agent.endSearches(at: [2_000_000_000, 1_000_000_000])
    let whole = try agent.run(command)
    #expect(whole.output.hasPrefix(#"{"trace_id":"ab00000000000000""#) && whole.errors.isEmpty)
    let ends = agent.queries.suffix(3).map { query -> Int64? in
      guard case .traces(let query) = query, query.arrivedAfter == nil else { return -1 }
      return query.untilNs
    }
    #expect(ends == [nil, 2_000_000_000, 1_000_000_000])

    agent.endSearches(at: [2_000_000_000, 2_000_000_000])
    agent.refuseArrivals(["busy", "busy"])
    let cut = try agent.run(command)
    #expect(cut.output.hasPrefix(#"{"trace_id":"ab00000000000000""#))
    let lines = cut.errors.split(separator: "\n")
    #expect(lines.first?.hasPrefix("roost: the search took too long: traces before 1970-01-0") == true, "\(lines)")
    // The same failure is said once, and that it is over.
    #expect(lines.dropFirst() == ["roost: busy", "roost: the agent answers again"])
  }

  @Test(
    "One trace is printed in each format",
    arguments: [
      ([], "✗ shop  flask.request GET /cart"), (["--json"], #""schema": "roost.trace.v1""#),
      (["-v"], "http.status_code: 503"),
      (["--format", "json"], #""span_id": "0000000000000001""#),
      (["--format=md"], "### GET /cart of shop: 5.0ms, failed"),
      (["--format=otlp"], #""resourceSpans""#), (["--format=folded"], "shop;flask.request GET /cart 5000"),
    ])
  func trace(_ options: [String], _ text: String) throws {
    let agent = try CannedAgent()
    let outcome = try agent.run(["trace", "last"] + options)
    #expect(outcome.code == 0 && outcome.errors.isEmpty)
    #expect(outcome.output.contains(text), "\(outcome.output)")
  }

  @Test("An id that names no trace, or several, is an error with code 1 that says what to type")
  func notFound() throws {
    let agent = try CannedAgent()
    let unknown = try agent.run(["trace", "ffff"])
    #expect(unknown.code == 1 && unknown.output.isEmpty)
    #expect(
      unknown.errors == "roost: no stored trace has an id that begins with ffff\n`roost traces` lists the newest.\n")
    let several = try agent.run(["trace", "A"])
    #expect(several.code == 1)
    #expect(
      several.errors
        == "roost: several traces begin with a\nType more of one of them:\n  ab00000000000000\n  000000000000000a\n")
    #expect(
      try agent.run(["trace", "error", "mail"]).errors.contains("no stored trace has a failed span of service \"mail\"")
    )
  }
}
