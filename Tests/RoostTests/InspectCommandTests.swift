import Control
import Foundation
import Testing

@Suite("roost inspect")
struct InspectCommandTests {
  private static let payload = #"[[{"trace_id":1,"span_id":2,"service":"shop","name":"job","resource":"GET /"}]]"#

  @Test("A file's payload is drawn as trees, or is a document", arguments: ["file", "-"])
  func file(_ from: String) throws {
    let name = "roost-\(UInt32.random(in: 0 ... .max))-v0.2.json"
    let path = FileManager.default.temporaryDirectory.appending(path: name)
    try Data(Self.payload.utf8).write(to: path)
    defer { try? FileManager.default.removeItem(at: path) }
    let word = from == "-" ? "-" : path.path
    let input = from == "-" ? Self.payload : nil
    let tree = try RoostBinary.run(["inspect", word], input: input)
    #expect(tree.code == 0 && tree.errors.isEmpty)
    let head = "\(from == "-" ? "v0.4" : "v0.2") JSON: \(Self.payload.utf8.count) bytes, 1 trace, 1 span\n"
    #expect(tree.output.hasPrefix(head + "\ntrace 0\nGET /  of shop\n"), "\(tree.output)")
    #expect(tree.output.contains("no priority") && tree.output.contains("shop  job GET /"))
    let document = try RoostBinary.run(["inspect", word, "--json", "--format", "v0.3"], input: input)
    #expect(document.code == 0 && document.output.contains(#""format": "v0.3""#), "\(document.output)")
  }

  @Test("A bad one is drawn as far as it could be read, with the byte at fault marked, and ends with code 1")
  func bad() throws {
    let outcome = try RoostBinary.run(["inspect", "-"], input: #"[[{"service":"shop","trace_id":"x"}]]"#)
    #expect(outcome.code == 1 && outcome.errors.isEmpty)
    #expect(outcome.output.contains("trace 0, span 0, field trace_id: expected "), "\(outcome.output)")
    #expect(outcome.output.contains("\n  00000010  "))
  }

  @Test("A bad payload of the agent is asked for by its number, or is the newest", arguments: ["7", "last"])
  func kept(_ word: String) throws {
    let agent = try CannedAgent()
    let outcome = try agent.run(["inspect", word], ["TZ": "UTC"])
    #expect(outcome.code == 1 && outcome.errors.isEmpty)
    #expect(agent.queries == [.badPayload(BadPayloadQuery(id: UInt64(word)))])
    let sender = "python / tracer 4.16.0  pid 812 (python app.py)"
    #expect(outcome.output.contains("bad payload 7  2026-11-24 07:00:00.000  \(sender)"))
    #expect(outcome.output.contains("trace 0, as far as it could be read\n"))
    #expect(outcome.output.hasSuffix("^^ unsigned integer, not string\n"), "\(outcome.output)")
    let document = try agent.json(["inspect", word, "--json"], code: 1)
    #expect((document["received"] as? [String: Any])?["pid"] as? Int == 812)
    #expect((document["fault"] as? [String: Any])?["byte_offset"] as? Int == 22)
  }

  @Test(
    "What cannot be looked into is said, each with its code",
    arguments: [
      (["inspect", "9"], 1, "the agent keeps no bad payload 9: 5 to 7\n`roost info -v` lists them.\n"),
      (["inspect", "99999999999999999999"], 1, "the agent keeps no bad payload 99999999999999999999\n"),
      (
        ["inspect", "7", "--format", "v0.4"], 64,
        "--format goes with a file: the agent knows the format of what it keeps\n"
      ),
      (["inspect", "/nowhere/x"], 66, "cannot read /nowhere/x: No such file or directory\n"),
      (["inspect", "/dev/null"], 66, "there is no payload in /dev/null: it is empty\n"),
      (
        ["inspect", "--limit", "0", "7"], 64,
        "--limit takes a number from 1 on, not \"0\"\nTry `roost inspect --help`.\n"
      ),
    ])
  func failures(_ words: [String], _ code: Int32, _ text: String) throws {
    let outcome = try CannedAgent().run(words)
    #expect(outcome.code == code && outcome.output.isEmpty && outcome.errors == "roost: " + text, "\(outcome.errors)")
  }

  @Test("What looks like no payload says how to name its format, and without an agent there is none to ask")
  func nothing() throws {
    let text = try RoostBinary.run(["inspect", "-"], input: "page.views:1|c")
    #expect(text.code == 66)
    #expect(text.errors.hasPrefix("roost: standard input looks like no payload of traces or statistics\nSay what"))
    #expect(try RoostBinary.run(["inspect", "last"]).code == 69)
  }
}
