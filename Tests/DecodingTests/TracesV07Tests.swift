import MessagePack
import TestTraces
import Testing
import TraceModel

@testable import Decoding

@Suite struct `A payload of v0.7` {
  private static let span: MessagePackValue = [
    "service": "web", "name": "flask.request", "trace_id": 7, "span_id": 8, "meta": ["env": "of the span"],
  ]

  private static func read(_ payload: MessagePackValue) throws -> PlainPayload {
    try TraceFormat.v07.payload(of: payload.pack())
  }

  @Test func `says who sent it, and of each trace what was decided`() throws {
    let payload = try Self.read([
      "container_id": "c0ffee", "language_name": "dotnet", "language_version": "8.0.1", "tracer_version": "3.2.0",
      "runtime_id": "r-1", "env": "prod", "hostname": "web-3", "app_version": "1.2",
      "tags": ["_dd.tags.process": "a:b", "_dd.tags.container": "kube_job:x"],
      "chunks": [
        [
          "priority": 2, "origin": "synthetics", "dropped_trace": false, "spans": [Self.span, nil],
          "tags": ["_dd.p.dm": "-4", "_dd.p.tid": "6655443300000001", "custom": "t"],
        ],
        ["priority": -1, "spans": []],
      ],
    ])
    var chunk = PlainChunk()
    (chunk.priority, chunk.origin, chunk.decisionMaker) = (2, "synthetics", "-4")
    chunk.traceIDHigh = 0x6655_4433_0000_0001
    chunk.tags = [Pair("_dd.p.tid", "6655443300000001"), Pair("custom", "t")]
    var dropped = PlainChunk()
    dropped.priority = -1
    #expect(payload.chunks == [chunk, dropped])
    #expect(payload.traces.map { $0.map(\.service) } == [["web"], []])
    #expect(payload.traces[0][0].meta == [Pair("env", "of the span")])
    #expect(
      payload.sender.fields == [
        "container_id": "c0ffee", "language_name": "dotnet", "language_version": "8.0.1", "tracer_version": "3.2.0",
        "runtime_id": "r-1", "env": "prod", "hostname": "web-3", "app_version": "1.2", "_dd.tags.process": "a:b",
      ])
    #expect(payload.sender.tags == [Pair("_dd.tags.container", "kube_job:x")])
  }

  /// As Datadog's agent has it: a client of this format that says nothing did not leave the decision to others.
  @Test(arguments: [[:], ["priority": nil], ["priority": 256], ["priority": 0]] as [MessagePackValue])
  func `has priority 0 in a chunk that says none`(chunk: MessagePackValue) throws {
    #expect(try Self.read(["chunks": [chunk]]).chunks.map(\.priority) == [0])
  }

  @Test(arguments: [[:], nil, ["chunks": nil], ["chunks": []], ["unknown": [["a": 1]]]] as [MessagePackValue])
  func `may say nothing at all`(payload: MessagePackValue) throws {
    #expect(try Self.read(payload) == PlainPayload())
  }

  @Test func `has of each key that comes twice the last`() throws {
    func map(_ entries: [(MessagePackValue, MessagePackValue)]) -> MessagePackValue {
      .map(entries.map { (key: $0.0, value: $0.1) })
    }
    let twice = map([
      ("priority", 1), ("spans", [Self.span, Self.span]), ("tags", ["_dd.p.dm": "-3", "_dd.p.tid": "ff", "a": "b"]),
      ("spans", [Self.span]), ("tags", ["c": "d"]), ("priority", 2),
    ])
    let read = try Self.read(
      map([
        ("env", "a"), ("chunks", [["spans": [Self.span]], [:], [:]]), ("chunks", [twice, ["spans": [Self.span]]]),
        ("tags", ["_dd.tags.process": "a:b", "k": "v"]), ("tags", [:]), ("env", "b"),
      ]))
    var chunk = PlainChunk()
    (chunk.priority, chunk.tags) = (2, [Pair("c", "d")])
    var other = PlainChunk()
    other.priority = 0
    #expect(read.chunks == [chunk, other] && read.traces.map(\.count) == [1, 1])
    #expect(read.sender.fields == ["env": "b"] && read.sender.tags.isEmpty)
  }

  @Test func `keeps of what a client says of itself as much as of headers`() throws {
    let long = String(repeating: "x", count: 255) + "é" + String(repeating: "y", count: 6_000)
    let sender = try Self.read(["hostname": .text(long), "tags": ["_dd.tags.process": .text(long)]]).sender
    #expect(sender.fields["hostname"]?.bytes.count == 255)
    #expect(sender.fields["_dd.tags.process"]?.bytes.count == 5_000)
  }
}
