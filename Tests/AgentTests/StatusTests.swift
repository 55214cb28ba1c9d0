import Control
import TestSpans
import Testing

@testable import Agent

/// What a client is answered and what is counted, however its requests come. What bodies mean is in `ServedRoutesTests`.
@Suite struct `An answer's status` {
  /// One connection: what is sent, how it is left, and what comes of it.
  struct Sending: Sendable, CustomTestStringConvertible {
    var name: String
    var pieces: [[UInt8]]
    var ending = AgentUnderTest.Ending.reads
    var statuses: [Int] = []
    /// Of the last answer.
    var body = ""
    var refused: String?
    /// The HTTP library answers by itself, and knows nothing of the agent.
    var isOfLibrary = false

    var testDescription: String { name }
  }

  private static let payload = TestPayload.v04([[TestSpan(1)]])
  private static let head = "POST /v0.4/traces HTTP/1.1\r\nHost: a\r\nContent-Type: application/msgpack\r\n"

  private static func request(
    _ headers: String = "", body: [UInt8] = payload, length: Int? = nil, isLast: Bool = true
  ) -> [UInt8] {
    let ends = isLast ? "Connection: close\r\n" : ""
    return Array((head + ends + headers + "Content-Length: \(length ?? body.count)\r\n\r\n").utf8) + body
  }

  /// A body in pieces of so many bytes.
  private static func chunked(_ body: [UInt8], by size: Int, end: String = "0\r\n\r\n") -> [[UInt8]] {
    let chunks = stride(from: 0, to: body.count, by: size).map { start in
      let chunk = body[start..<min(start + size, body.count)]
      return Array((String(chunk.count, radix: 16) + "\r\n").utf8) + chunk + Array("\r\n".utf8)
    }
    return [Array((head + "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n").utf8)] + chunks + [Array(end.utf8)]
  }

  private static func raw(_ headers: String) -> [[UInt8]] { [Array((head + headers + "\r\n").utf8)] }

  static let sendings: [Sending] = {
    let rates = #"{"rate_by_service":{"#
    let whole = request()
    let cut = Array(whole.dropLast(5))
    let flood = "X-Flood: " + String(repeating: "x", count: 320) + "\r\n"
    return [
      Sending(name: "in one piece", pieces: [whole], statuses: [200], body: rates),
      Sending(name: "byte by byte", pieces: whole.map { [$0] }, statuses: [200], body: rates),
      Sending(name: "in chunks of a byte", pieces: chunked(payload, by: 1), statuses: [200], body: rates),
      Sending(name: "in one chunk", pieces: chunked(payload, by: payload.count), statuses: [200], body: rates),
      Sending(
        name: "several without waiting",
        pieces: [
          request(isLast: false) + request(body: [0xC1], isLast: false) + request(body: [], isLast: false)
            + request("Datadog-Send-Real-Http-Status: true\r\n")
        ], statuses: [200, 400, 400, 200], body: rates, refused: "decoding_error msgp_short_bytes"),
      Sending(
        name: "half closed behind its end", pieces: [whole], ending: .closesSending, statuses: [200], body: rates),
      Sending(
        name: "half closed within its body", pieces: [cut], ending: .closesSending, statuses: [400],
        body: "unexpected-eof", refused: "unexpected_eof"),
      Sending(name: "reset within its body", pieces: [cut], ending: .resets, refused: "unexpected_eof"),
      Sending(
        name: "half closed within its chunks", pieces: chunked(payload, by: 9, end: "5\r\nab"), ending: .closesSending,
        statuses: [400], body: "unexpected-eof", refused: "unexpected_eof"),
      Sending(
        name: "a chunk that is none", pieces: chunked(payload, by: 9, end: "xyz\r\n"), statuses: [400], body: "",
        refused: "malformed_request", isOfLibrary: true),
      Sending(
        name: "a byte over 25 MiB", pieces: [request(body: [], length: 26_214_401)], ending: .closesSending,
        statuses: [413],
        body: "payload-too-large", refused: "payload_too_large"),
      Sending(
        name: "4 GiB declared", pieces: [request(body: [0x90], length: 1 << 32)], ending: .closesSending,
        statuses: [413],
        body: "payload-too-large", refused: "payload_too_large"),
      Sending(
        name: "an impossible length", pieces: raw("Content-Length: -1\r\n"), statuses: [400], body: "malformed-request"),
      Sending(
        name: "a flood of headers", pieces: raw(String(repeating: flood, count: 100)), statuses: [431],
        body: "headers-too-large", refused: "headers_too_large"),
      Sending(
        name: "another transfer encoding", pieces: raw("Transfer-Encoding: gzip\r\n"), statuses: [501],
        body: "unsupported-transfer-encoding", refused: "unsupported_transfer_encoding"),
      Sending(
        name: "another content encoding", pieces: [request("Content-Encoding: br\r\n")], statuses: [415],
        body: "Content-Encoding br is not supported", refused: "unsupported_content_encoding"),
      Sending(
        name: "a page of another site", pieces: [request("Sec-Fetch-Site: cross-site\r\n")], statuses: [403],
        body: "cross-site request rejected", refused: "cross_site"),
    ]
  }()

  @Test(arguments: sendings)
  func `follows from what came, however it came`(_ sending: Sending) throws {
    let agent = try AgentUnderTest(threads: 1)
    let answers = try agent.converse(sending.pieces, sending.ending)
    #expect(answers.map(\.status) == sending.statuses)
    #expect(answers.last?.body.hasPrefix(sending.body) ?? true, "\(answers)")
    let refused = Set(sending.refused?.split(separator: " ").map(String.init) ?? [])
    #expect(eventually { Set(agent.info.refused.keys) == refused }, "\(agent.info.refused)")
    for answer in answers where !sending.isOfLibrary {
      // Whatever refuses it says which agent that is, and the state of its offer.
      #expect(answer.headers["datadog-agent-version"] == "1.2.3")
      #expect(answer.headers["datadog-agent-state"]?.count == 64, "\(answer)")
    }
    #expect(try agent.post("/v0.4/traces", Self.payload, ["Content-Type": "application/msgpack"]).status == 200)
  }

  @Test func `is 408 for a client that is too slow, and its traces are counted`() throws {
    let agent = try AgentUnderTest(threads: 1) { $0.receiverTimeout = .milliseconds(300) }
    let whole = Self.request("X-Datadog-Trace-Count: 1\r\n", length: Self.payload.count + 1)
    // The clock of the request runs from its head on.
    let pieces = [Array(whole.dropLast(Self.payload.count)), Self.payload]
    let answers = try agent.converse(pieces, waitsForHead: true)
    #expect(answers.map(\.status) == [408] && answers.first?.body == "timeout")
    #expect(eventually { agent.info.refused == ["timeout": 1] && agent.info.dropped["timeout"]?.traces == 1 })
  }
}
