import Foundation
import Testing

@testable import Receiver

@Suite("White space around a header's value")
struct HeaderBlankTests {
  private static let line = "POST /v0.4/traces HTTP/1.1\r\n"
  static let blanks = [" ", "\t", " \t ", "          "]

  @Test("is no part of the value, for every header that the agent reads", arguments: KnownHeader.allCases)
  func values(_ header: KnownHeader) {
    // Of those the library decides what they say.
    guard !header.framesBody else { return }
    let empty: StaticString = "-"
    let slots = UnsafeMutablePointer<UnsafeRawBufferPointer>.allocate(capacity: KnownHeader.allCases.count)
    defer { slots.deallocate() }
    for text in ["false", "", "a b", "\u{A0}x"] {
      for (before, behind) in [("", " "), ("\t", ""), (" ", "\t "), ("  ", "  ")] {
        slots.initialize(repeating: UnsafeRawBufferPointer(start: nil, count: 0), count: KnownHeader.allCases.count)
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        var collector = HeaderCollector(
          index: HeaderIndex(), slots: slots, empty: UnsafeRawPointer(empty.utf8Start),
          rules: HeadRules(RequestLine(method: nothing, target: nothing, targetBytes: 0, version: nothing)))
        Array("\(header.name)".utf8).withUnsafeBytes { name in
          Array((before + text + behind).utf8).withUnsafeBytes { value in
            collector.collect(name, value)
            #expect(RequestHeaders(slots: slots).string(header) == text)
          }
        }
      }
    }
  }

  @Test("leaves a length and a body what they are", arguments: blanks)
  func length(_ blank: String) throws {
    let tested = try ServerUnderTest()
    let client = try tested.connect()
    for before in ["", " ", "\t"] {
      client.send(Self.line + "Host: a\(blank)\r\nContent-Length:\(before)3\(blank)\r\nX:\(blank)\r\n\r\nabc")
      #expect(try client.response().status == 200)
    }
    #expect(tested.recorder.seen.map(\.body) == Array(repeating: Array("abc".utf8), count: 3))
    #expect(tested.recorder.seen.map(\.declaredLength) == [3, 3, 3])
  }

  @Test("leaves chunks what they are", arguments: blanks)
  func chunked(_ blank: String) throws {
    let tested = try ServerUnderTest()
    let client = try tested.connect()
    client.send(Self.line + "Host: a\r\nTransfer-Encoding: chunked\(blank)\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
    #expect(try client.response().status == 200)
    client.post("/v0.4/traces", [1])
    #expect(try client.response().status == 200)
    #expect(tested.recorder.seen.map(\.body) == [Array("abc".utf8), [1]])
  }

  @Test("leaves a wait for the go-ahead one", arguments: blanks)
  func expectation(_ blank: String) throws {
    let tested = try ServerUnderTest()
    let client = try tested.connect()
    client.send(Self.line + "Host: a\r\nExpect: 100-continue\(blank)\r\nContent-Length: 3\(blank)\r\n\r\n")
    let goAhead = "HTTP/1.1 100 Continue\r\n\r\n"
    #expect(try client.text(count: goAhead.utf8.count) == goAhead)
    client.send("abc")
    #expect(try client.response().status == 200)
  }

  @Test("leaves a wish to close one", arguments: blanks)
  func connection(_ blank: String) throws {
    let tested = try ServerUnderTest()
    let client = try tested.connect()
    client.send(Self.line + "Host: a\r\nConnection: close\(blank)\r\nContent-Length: 0\r\n\r\n")
    #expect(client.rest().hasPrefix("HTTP/1.1 200 "))
  }

  @Test("of a value that is read later is gone too")
  func language() throws {
    let tested = try ServerUnderTest()
    let client = try tested.connect()
    client.post("/v0.4/traces", [1], headers: "Datadog-Meta-Lang: \t ruby \t\r\n")
    _ = try client.response()
    #expect(tested.recorder.seen.map(\.lang) == ["ruby"])
  }

  @Test("in a body that looks like a head is left alone, and so is the request behind it")
  func body() throws {
    let tested = try ServerUnderTest()
    let client = try tested.connect()
    let body = Array("\r\n\r\nContent-Length: 5 \r\nX: y\t\r\n\r\n".utf8)
    let one = "Host: a \r\nContent-Length: \(body.count) \r\n\r\n"
    client.send(Array((Self.line + one).utf8) + body + Array((Self.line + one).utf8) + body)
    for _ in 0..<2 { #expect(try client.response().status == 200) }
    #expect(tested.recorder.seen.map(\.body) == [body, body])
  }

  @Test(
    "does not let through what is refused without it",
    arguments: [
      "Host: a\r\nContent-Length: 0 0 \r\n\r\n", "Host: a\r\nContent-Length: \r\n\r\n",
      "Host: a\r\nContent-Length : 0 \r\n\r\n", "Host: a\nContent-Length: 0 \r\n\r\n",
      "Host: a \r\n x\r\nContent-Length: 0\r\n\r\n", "Host: a\r\nContent-Length: 0\u{0} \r\n\r\n",
      "Host: a\r\nContent-Length: 0 \r\nContent-Length: 1 \r\n\r\n",
      "Host: a\r\nTransfer-Encoding: chunked \r\nContent-Length: 0 \r\n\r\n", "Host: a \r\nHost: a\r\n\r\n",
      "Host: a\r\nno colon \r\nContent-Length: 0\r\n\r\n",
    ])
  func broken(_ head: String) throws {
    let tested = try ServerUnderTest()
    let client = try tested.connect()
    client.send(Self.line + head + "GET /info HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    let answer = client.rest()
    #expect(answer.hasPrefix("HTTP/1.1 400 ") && answer.components(of: "HTTP/1.") == 1, "\(answer)")
    #expect(tested.recorder.seen.isEmpty)
  }

  /// A head and a body of which the second part comes once the server has read the first; and the answer, with what the
  /// handler saw. The library before version 1.0 is helped only with what has come with the request line.
  struct Pieces: Sendable, CustomTestStringConvertible {
    let first: String
    let second: String
    let status: Int
    var lang: String?
    /// Answers, those that are not the last one (100 Continue) included.
    var answers = 1...1

    var testDescription: String { "\(first.suffix(30))|\(second.prefix(30))" }
  }

  /// Larger than a page of memory.
  private static let long = "X-Long: \(String(repeating: "v", count: Int(OptionalWhitespace.pageBytes) + 900))\r\n"
  /// Whether a head of that size is taken: it may have 32 KiB.
  private static let takesLong = long.utf8.count < 30_000
  private static let unhelped = OptionalWhitespace.isKeptByLibrary ? 400 : 200
  private static let helped = OptionalWhitespace.isKeptByLibrary && !OptionalWhitespace.isNeeded ? 400 : 200

  static let pieces = piecesOfAPage + (takesLong ? longerThanAPage : [])

  private static let piecesOfAPage = [
    Pieces(first: "", second: "Content-Length: 3\t\r\n\r\nabc", status: unhelped),
    Pieces(first: "Content-Len", second: "gth: 3 \r\n\r\nabc", status: unhelped),
    Pieces(first: "Content-Length: 3 ", second: "\r\n\r\nabc", status: unhelped),
    Pieces(first: "Content-Length: 3 \r\n", second: "\r\nabc", status: helped),
    Pieces(
      first: "Content-Length: 3\r\n", second: "Datadog-Meta-Lang: ruby \t\r\n\r\nabc", status: 200, lang: "ruby"),
    Pieces(
      first: "", second: "Transfer-Encoding: chunked \r\n\r\n3\r\nabc\r\n0\r\n\r\n",
      status: OptionalWhitespace.isKeptByLibrary ? 501 : 200),
    // A library that keeps the blank knows no wish for a go-ahead; another may say it although the body has come.
    Pieces(
      first: "", second: "Expect: 100-continue \r\nContent-Length: 3\r\n\r\nabc", status: 200,
      answers: OptionalWhitespace.isKeptByLibrary ? 1...1 : 1...2),
  ]

  private static let longerThanAPage = [
    // In one piece, on another page of memory than the request line.
    Pieces(first: long + "Content-Length: 3 \r\n\r\nabc", second: "", status: unhelped),
    Pieces(
      first: "Content-Length: 3 \r\n" + long + "Datadog-Meta-Lang: ruby \r\n\r\nabc", second: "", status: helped,
      lang: "ruby"),
  ]

  @Test(
    "in a head that comes in pieces, or is larger than a page, never changes where the body ends", arguments: pieces)
  func comesInPieces(_ pieces: Pieces) throws {
    let place = try TemporaryFolder()
    let path = place.path + "/apm.socket"
    let tested = try ServerUnderTest(ServerUnderTest.configuration { $0.unixSocketPath = path })
    let client = try Client(.unix(path: path))
    client.send(Self.line + "Host: a\r\n" + pieces.first)
    #expect(eventually { client.unreadBytes == 0 })
    client.send(pieces.second)
    client.closeSending()
    let answer = client.rest()
    #expect(pieces.answers.contains(answer.components(of: "HTTP/1.1 ")), "\(answer)")
    let last = answer.components(separatedBy: "HTTP/1.1 ").last ?? ""
    #expect(last.hasPrefix("\(pieces.status) "), "\(answer)")
    #expect(tested.recorder.seen.map(\.body) == (pieces.status == 200 ? [Array("abc".utf8)] : []))
    #expect(tested.recorder.seen.allSatisfy { $0.lang == pieces.lang })
  }
}
