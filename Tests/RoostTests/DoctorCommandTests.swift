import Control
import Foundation
import TestFixtures
import Testing

@Suite("roost doctor and roost explain on the command line")
struct DoctorCommandTests {
  private func fixture(_ name: String) -> String { Fixtures.folder.appending(path: "doctor/\(name).json").path }

  @Test("Saved evidence is judged: the exit code says how bad it is, and the last line is the verdict")
  func savedEvidence() throws {
    let bad = try RoostBinary.run(["doctor", "--evidence", fixture("RST001")])
    #expect(bad.code == 1)
    #expect(bad.output.hasPrefix("✗ RST001  "))
    #expect(bad.output.split(separator: "\n").last?.contains("1 problem") == true)
    let healthy = try RoostBinary.run(["doctor", "--evidence", fixture("healthy"), "--strict"])
    #expect(healthy.code == 0, "\(healthy.output)")
  }

  @Test("Warnings matter to the exit code only under --strict")
  func strict() throws {
    let evidence = fixture("RST045")
    #expect(try RoostBinary.run(["doctor", "--evidence", evidence]).code == 0)
    #expect(try RoostBinary.run(["doctor", "--evidence", evidence, "--strict"]).code == 2)
  }

  @Test("The document has the findings, worst first, and what was checked")
  func document() throws {
    let outcome = try RoostBinary.run(["doctor", "--json", "--evidence", fixture("RST022")])
    let document = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    #expect(document["schema"] as? String == "roost.doctor.v1")
    let first = try #require((document["findings"] as? [[String: Any]])?.first)
    #expect(first["id"] as? String == "RST022")
    #expect(Set(["id", "severity", "title", "because", "fix"]).isSubset(of: first.keys))
    #expect(document["checked"] as? Int == 59)
  }

  @Test("This machine is looked at, and what was seen can be saved and judged again")
  func thisMachine() throws {
    let file = "/tmp/roost-test-\(UInt32.random(in: 0 ... .max)).json"
    defer { try? FileManager.default.removeItem(atPath: file) }
    let key = "0123456789abcdef0123456789abcdef"
    // One that is there, larger and open to all, is written over and closed to others.
    let old = Data(repeating: 0x78, count: 4 << 20)
    #expect(FileManager.default.createFile(atPath: file, contents: old, attributes: [.posixPermissions: 0o644]))
    let here = try RoostBinary.run(
      ["doctor", "--url", "http://127.0.0.1:1", "--save-evidence", file, "--json"],
      environment: ["DD_APM_RECEIVER_PORT": "1", "DD_API_KEY": key, "DD_ENV": key, "DD_BIND_HOST": "localhost"])
    #expect(here.code == 1, "\(here.errors)")
    let again = try RoostBinary.run(["doctor", "--evidence", file, "--json"])
    #expect(again.output == here.output)
    let saved = try String(contentsOfFile: file, encoding: .utf8)
    #expect(!saved.contains("0123456789abcdef"))
    let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  @Test("Evidence on standard output is the document alone, and the exit code still says how bad it is")
  func printedEvidence() throws {
    for words in [[], ["--json"], ["-v"]] {
      let printed = try RoostBinary.run(
        ["doctor", "--evidence", fixture("RST001"), "--save-evidence", "-"] + words)
      #expect(printed.code == 1)
      let document = try JSONSerialization.jsonObject(with: Data(printed.output.utf8)) as? [String: Any]
      #expect(document?["processes"] != nil && document?["schema"] == nil)
      #expect(printed.output.hasSuffix("}\n"))
    }
  }

  @Test(
    "A document that says nothing is no healthy machine",
    arguments: ["{}", "{\"configuration\": {\"port\": 9}}", "{\"host\": {}, \"log\": []}", "[]", "null"])
  func emptyEvidence(_ text: String) throws {
    let outcome = try RoostBinary.run(["doctor", "--evidence", "-"], input: text)
    #expect(outcome.code == 66)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("evidence"), "\(outcome.errors)")
  }

  @Test("A log without a tracer's line is not answered with all is good")
  func muteLog() throws {
    let file = "/tmp/roost-test-\(UInt32.random(in: 0 ... .max)).log"
    defer { try? FileManager.default.removeItem(atPath: file) }
    try "started\nstopped\n".write(toFile: file, atomically: true, encoding: .utf8)
    let outcome = try RoostBinary.run(["doctor", "--evidence", fixture("healthy"), "--log", file])
    #expect(outcome.output.contains("the log: not checked, no line of a tracer is among its 2 lines"))
    #expect(!outcome.output.contains("Good to go"), "\(outcome.output)")
  }

  @Test("No secret of a pasted line is printed")
  func secretInLog() throws {
    let line = "connect ECONNREFUSED 127.0.0.1:8126 --password hunter2secret\n"
    for words in [[], ["--json"], ["--save-evidence", "-"]] {
      let outcome = try RoostBinary.run(
        ["doctor", "--log", "-"] + words, environment: ["DD_APM_RECEIVER_PORT": "1"], input: line)
      #expect(outcome.output.contains("ECONNREFUSED"))
      #expect(!(outcome.output + outcome.errors).contains("hunter2"))
    }
  }

  @Test("A log is read from a file and from standard input, and the line of 2017 is explained")
  func log() throws {
    let line =
      "2017-12-19 10:12:59,281 - ddtrace.writer - ERROR - cannot send services: [Errno 61] Connection refused\n"
    let file = "/tmp/roost-test-\(UInt32.random(in: 0 ... .max)).log"
    defer { try? FileManager.default.removeItem(atPath: file) }
    try line.write(toFile: file, atomically: true, encoding: .utf8)
    let elsewhere = ["DD_APM_RECEIVER_PORT": "1"]
    let fromFile = try RoostBinary.run(["doctor", "--log", file], environment: elsewhere)
    // With an agent on port 8126 of this machine the line is told to be an old one.
    #expect(fromFile.code == (fromFile.output.contains("the line is older") ? 0 : 1), "\(fromFile.output)")
    #expect(fromFile.output.contains("cannot send services"), "\(fromFile.output)")
    let fromInput = try RoostBinary.run(["doctor", "--log", "-"], environment: elsewhere, input: line)
    #expect(fromInput.output.contains("cannot send services"), "\(fromInput.output)")
  }

  @Test("What the running agent observed reaches the doctor")
  func agent() throws {
    let agent = try CannedAgent()
    let file = "/tmp/roost-test-\(UInt32.random(in: 0 ... .max)).json"
    defer { try? FileManager.default.removeItem(atPath: file) }
    _ = try agent.run(["doctor", "--save-evidence", file])
    #expect(agent.queries.contains(.info) && agent.queries.contains(.observations))
    let saved = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: file))) as? [String: Any]
    let seen = try #require(saved?["agent"] as? [String: Any])
    #expect(seen["pid"] as? Int == 4711)
    let clientIssues = try #require(seen["misuse"] as? [[String: Any]])
    #expect(clientIssues.map { $0["kind"] as? String } == ["tls_hello", "client_vanished"])
    #expect(seen["tcp_requests"] as? Int == 5)
  }

  @Test("An agent without time for the answer is not taken for one that has seen nothing")
  func busyAgent() throws {
    let agent = try CannedAgent()
    agent.beBusy()
    let outcome = try agent.run(["doctor"])
    #expect(outcome.code == 75 && outcome.output.isEmpty)
    #expect(outcome.errors.contains("the agent is at other queries"), "\(outcome.errors)")
  }

  @Test(
    "Mistakes exit with the code of their kind",
    arguments: [
      (["doctor", "--pid", "many"], 64, "--pid takes the number of a process"),
      (["doctor", "--pid", "1", "--name", "python"], 64, "ask one at a time"),
      (["doctor", "--log", "/nowhere/app.log"], 66, "/nowhere/app.log"),
      (["doctor", "--evidence", "/nowhere/case.json"], 66, "/nowhere/case.json"),
      (["doctor", "--evidence", "/dev/null"], 66, "is no evidence document"),
    ] as [([String], Int32, String)])
  func mistakes(_ words: [String], _ code: Int32, _ message: String) throws {
    let outcome = try RoostBinary.run(words, environment: ["DD_APM_RECEIVER_PORT": "1"])
    #expect(outcome.code == code)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
  }

  @Test("Every diagnosis is explained, in any case, as text and as a document")
  func explain() throws {
    let text = try RoostBinary.run(["explain", "rst021"])
    #expect(text.code == 0)
    #expect(text.output.hasPrefix("RST021  "))
    let document = try RoostBinary.run(["explain", "RST021", "--json"]).output
    #expect(document.contains("\"schema\": \"roost.explain.v1\""))
    let unknown = try RoostBinary.run(["explain", "RST999"])
    #expect(unknown.code == 64)
    #expect(unknown.errors.contains("They go from RST001 to RST061."))
  }
}
