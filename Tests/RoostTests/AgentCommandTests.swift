import Control
import Foundation
import Testing

@Suite("Commands that ask an agent")
struct AgentCommandTests {
  @Test("services prints the table, or the document, of what the agent counted")
  func services() throws {
    let agent = try CannedAgent()
    let table = try agent.run(["services"])
    #expect(table.code == 0)
    #expect(table.output.hasPrefix("SERVICE  ENV    TYPE  HITS"))
    #expect(table.output.contains("\nshop     local  web      7  "))
    let document = try agent.json(["services", "--json"])
    #expect(document["schema"] as? String == "roost.services.v1")
    let rows = try #require(document["services"] as? [[String: Any]])
    #expect(
      Set(rows[0].keys) == [
        "service", "env", "type", "hits", "errors", "rate_per_s", "p50_ns", "p75_ns", "p95_ns", "p99_ns", "max_ns",
        "last_seen",
      ])
    #expect(rows[0]["hits"] as? Int == 7)
  }

  @Test("What narrows a table reaches the agent")
  func narrowing() throws {
    let agent = try CannedAgent()
    _ = try agent.run(["--since", "15m", "services", "--env", "prod"])
    #expect(agent.queries == [.services(ServicesQuery(windowNs: 900_000_000_000, env: "prod"))])
    _ = try agent.run(["resources", "shop", "--all-spans"])
    #expect(agent.queries.contains(.resources(ResourcesQuery(service: "shop", allSpans: true))))
    _ = try agent.run(["resources"])
    #expect(agent.queries.contains(.resources(ResourcesQuery(service: nil))))
    _ = try agent.run(["services", "--tests"])
    #expect(agent.queries.last == .services(ServicesQuery(includesTests: true)))
  }

  @Test("A table is sorted and cut as was typed, as a document too")
  func order() throws {
    let agent = try CannedAgent()
    let names = { (rows: Any?) in (rows as? [[String: Any]])?.compactMap { $0["resource"] as? String } }
    let document = try agent.json(["resources", "shop", "--sort", "ERR", "--limit", "2", "--json"])
    #expect(names(document["resources"]) == ["POST /checkout", "GET /cart"])
    #expect(
      try agent.run(["resources", "shop", "--sort", "resource"]).output.contains(/(?s)GET \/a.*GET \/cart.*POST/))
  }

  @Test("An environment that was never seen is said, with the one that was meant")
  func unknownEnv() throws {
    let agent = try CannedAgent()
    for words in [["services"], ["resources", "shop"], ["resources"]] {
      let outcome = try agent.run(words + ["--env", "Local"])
      #expect(
        outcome.output == "No service was seen in env \"Local\" in the last hour; did you mean local? Seen: local.\n")
      let document = try agent.run(words + ["--env", "Local", "--json"])
      #expect(document.errors.hasPrefix("roost: no service was seen in env \"Local\""))
    }
  }

  @Test("COLUMNS is the width where there is no terminal, and --width is stronger")
  func columns() throws {
    let agent = try CannedAgent()
    func width(_ words: [String], _ environment: [String: String]) throws -> Int {
      try agent.run(["services"] + words, environment).output.split(separator: "\n").map(\.count).max() ?? 0
    }
    let full = try width([], [:])
    #expect(full > 60)
    #expect(try width([], ["COLUMNS": "50"]) <= 50)
    #expect(try width(["--width", "60"], ["COLUMNS": "50"]) > 50)
    for nonsense in ["", "0", "-5", "wide"] { #expect(try width([], ["COLUMNS": nonsense]) == full) }
  }

  @Test("--watch draws again every second, without escape sequences where there is no terminal")
  func watch() throws {
    let agent = try CannedAgent()
    let table = try agent.watch(["services", "--watch"], lines: 5)
    #expect(table.map { $0.prefix(7) } == ["SERVICE", "shop   ", "", "SERVICE", "shop   "])
    let documents = try agent.watch(["services", "--watch", "--json"], lines: 2)
    for line in documents {
      let document = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      #expect(document?["schema"] as? String == "roost.services.v1")
    }
  }

  @Test("Asking for more than the agent keeps is answered with what there is, and said")
  func longWindow() throws {
    let agent = try CannedAgent()
    let outcome = try agent.run(["services", "--since", "2h"])
    #expect(outcome.errors == "roost: there are no older statistics: what is shown does not reach back 2h\n")
    #expect(outcome.output.contains("shop"))
    #expect(try agent.run(["services", "--since", "1h"]).errors.isEmpty)
  }

  @Test("resources of a service that is not there suggests the one that is, and as a document is empty")
  func unknownService() throws {
    let agent = try CannedAgent()
    let outcome = try agent.run(["resources", "shpo"])
    #expect(outcome.output == "There is no service \"shpo\"; did you mean shop?\nSeen: shop\n")
    #expect(outcome.code == 1)
    #expect(try agent.run(["resources", "shpo", "--json"]).errors.hasPrefix("roost: there is no service \"shpo\""))
    let document = try agent.json(["resources", "shpo", "--json"], code: 1)
    #expect((document["resources"] as? [Any])?.isEmpty == true)
    #expect(document["service"] as? String == "shpo")
  }

  @Test("roost alone says that the agent runs and what it has")
  func alone() throws {
    let outcome = try CannedAgent().run([])
    #expect(outcome.code == 0)
    #expect(outcome.output.split(separator: "\n").count == 3)
    #expect(outcome.output.contains("✓ an agent is running (pid 4711"))
    #expect(outcome.output.contains("→ type: roost resources shop"))
  }

  @Test("Colours appear when forced and vanish when refused, never by themselves in a pipe")
  func colors() throws {
    let agent = try CannedAgent()
    #expect(try !agent.run(["services"]).output.contains("\u{1b}"))
    #expect(try agent.run(["services", "--color", "always"]).output.contains("\u{1b}[1mSERVICE"))
    #expect(try agent.run(["services"], ["CLICOLOR_FORCE": "1"]).output.contains("\u{1b}[1mSERVICE"))
    #expect(try !agent.run(["services"], ["CLICOLOR_FORCE": "1", "NO_COLOR": "1"]).output.contains("\u{1b}"))
  }

  @Test("info -v shows more than info, and info --json is one document")
  func info() throws {
    let agent = try CannedAgent()
    let brief = try agent.run(["info"]).output
    let verbose = try agent.run(["info", "-v"]).output
    #expect(verbose.hasPrefix(brief) && verbose.contains("/v0.4/traces") && !brief.contains("/v0.4/traces"))
    let document = try agent.json(["info", "--json"])
    #expect(Set(["received", "kept", "sent", "dropped"]).isSubset(of: document.keys))
  }

  @Test("send-test passes every stage of an agent that takes, counts and keeps, and says why nothing is forwarded")
  func sendTest() throws {
    let agent = try CannedAgent()
    let port = try TracePort { _ in
      agent.countTestTrace()
      return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    }
    let outcome = try agent.run(["send-test"], ["DD_APM_RECEIVER_SOCKET": port.path])
    let stages = outcome.output.split(separator: "\n").map { $0.prefix(12) }
    #expect(stages == ["✓ connected ", "✓ accepted  ", "✓ counted   ", "✓ kept      ", "– forwarded "])
    #expect(outcome.output.contains("no API key"))
    #expect(outcome.code == 0)
    let request = port.request
    #expect(request.hasPrefix("PUT /v0.4/traces HTTP/1.1\r\n"))
    #expect(request.contains("X-Datadog-Trace-Count: 1\r\n"))
    #expect(request.contains("Datadog-Meta-Lang: \(TestTraffic.client)\r\n"))
  }

  @Test("send-test stops at the stage that fails and exits with 1")
  func sendTestRefused() throws {
    let agent = try CannedAgent()
    let port = try TracePort { _ in "HTTP/1.1 413 Payload Too Large\r\n\r\npayload-too-large" }
    let document = try agent.json(["send-test", "--json"], ["DD_APM_RECEIVER_SOCKET": port.path], code: 1)
    #expect(document["ok"] as? Bool == false)
    let stages = try #require(document["stages"] as? [[String: String]])
    #expect(stages.map { $0["outcome"] } == ["passed", "failed"])
    #expect(stages.last?["detail"] == "HTTP 413: payload-too-large")
    let nobody = try agent.run(["send-test"], ["DD_APM_RECEIVER_SOCKET": "/tmp/roost-test-nowhere/apm.sock"])
    #expect(nobody.code == 1)
    #expect(nobody.output == "✗ connected  /tmp/roost-test-nowhere/apm.sock: connection refused\n")
  }

  @Test("diff asks for two times or two versions, and prints what got worse first")
  func diff() throws {
    let agent = try CannedAgent()
    let table = try agent.run(["diff", "2h..1h", "1h..now", "--service", "shop", "--limit", "1"])
    #expect(table.code == 0 && table.output.contains("\nPOST /checkout") && !table.output.contains("GET /cart"))
    guard case .diff(let times)? = agent.queries.last, let since = times.a.sinceNs, let until = times.a.untilNs else {
      Issue.record("it asked \(agent.queries)")
      return
    }
    #expect(until - since == 3_600_000_000_000 && times.b.sinceNs == until && times.b.untilNs == nil)
    #expect(times.comparesRates && times.service == "shop" && times.a.version == nil)
    let document = try agent.json(["diff", "version:1.0", "version:1.1", "--since", "15m", "--json"])
    #expect(document["schema"] as? String == "roost.diff.v1" && document["hits_by"] as? String == "share")
    guard case .diff(let versions)? = agent.queries.last else { return }
    #expect(versions.a.version == "1.0" && versions.b.version == "1.1" && versions.b.untilNs == nil)
    #expect(versions.a.sinceNs != nil && !versions.comparesRates)
  }

  @Test("diff says which side has no hits and which versions there are, with code 1")
  func diffOfNothing() throws {
    let outcome = try CannedAgent().run(["diff", "version:1.0", "version:9"])
    #expect(outcome.code == 1)
    #expect(outcome.output == "there are no hits in version:9; versions seen: 1.0, 1.1\n")
    let missing = try CannedAgent().run(["diff", "/nowhere/a.db", "/nowhere/b.db"])
    #expect(missing.code == 66 && missing.errors.contains("/nowhere/a.db"))
  }
}
