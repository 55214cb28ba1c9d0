import Platform
import Testing

@testable import Control

@Suite("Strange clients of the control socket")
struct StrangeClientTests {
  @Test(
    "What is no question is refused, and the next question is answered",
    arguments: [
      (bytes: [0, 0, 0, 1, 0xc1], why: "the question was not understood"),
      (bytes: [0xff, 0xff, 0xff, 0xff], why: "over the limit of 65536"),
      (bytes: [0, 1, 0, 1], why: "the question of 65537 bytes"),
      (bytes: [0, 0, 0, 1, 0xc0], why: "the question was not understood"),
      (bytes: [0, 0, 0, 2, 0x7b, 0x7d], why: "control protocol version 0"),
      (bytes: [0, 0, 0, 200] + Array(repeating: 0x5b, count: 200), why: "expected at most 64 levels"),
      (bytes: [0, 0, 0, 0], why: "the question was not understood"),
    ] as [(bytes: [UInt8], why: String)])
  func garbage(_ sent: (bytes: [UInt8], why: String)) throws {
    let place = try Place()
    let server = try ControlServer(path: place.socket, answering: FixedAnswers())
    let deadline = ContinuousClock.now + .seconds(30)
    let stream = try StreamSocket.connect(to: .unix(path: place.socket), deadline: deadline)
    try stream.write(sent.bytes, deadline: deadline)
    let answer = try ControlAnswer(ControlFrame.read(limit: 1 << 16, from: stream, deadline: deadline))
    guard case .refused(let why) = answer else {
      Issue.record("not refused: \(answer)")
      return
    }
    #expect(why.contains(sent.why))
    #expect(try ControlClient(path: place.socket).query(.ping) == .pong)
    server.stop()
  }

  @Test("A client that says nothing, or half a question, keeps nobody else from being answered")
  func silence() throws {
    let place = try Place()
    let server = try ControlServer(path: place.socket, answering: FixedAnswers())
    let deadline = ContinuousClock.now + .seconds(30)
    let silent = try StreamSocket.connect(to: .unix(path: place.socket), deadline: deadline)
    let halting = try StreamSocket.connect(to: .unix(path: place.socket), deadline: deadline)
    try halting.write([0, 0], deadline: deadline)
    #expect(try ControlClient(path: place.socket).query(.ping) == .pong)
    // Both were given up: the agent closed without a word.
    #expect(try silent.readSome(1, deadline: deadline).isEmpty)
    #expect(try halting.readSome(1, deadline: deadline).isEmpty)
    server.stop()
  }

  @Test("A command of version 1, which spoke MessagePack, reads our version in its own language")
  func olderCommand() throws {
    let place = try Place()
    let server = try ControlServer(path: place.socket, answering: FixedAnswers())
    let deadline = ContinuousClock.now + .seconds(30)
    let stream = try StreamSocket.connect(to: .unix(path: place.socket), deadline: deadline)
    // {"v": 1, "q": "info"}
    try stream.write([0, 0, 0, 11, 0x82, 0xa1, 0x76, 1, 0xa1, 0x71, 0xa4] + Array("info".utf8), deadline: deadline)
    // {"v": 2}
    #expect(try stream.read(8, deadline: deadline) == [0, 0, 0, 4, 0x81, 0xa1, 0x76, 2])
    #expect(server.queryCount == 0)
    server.stop()
  }

  @Test("Many commands at once all get their answer")
  func manyCommands() async throws {
    let place = try Place()
    let server = try ControlServer(path: place.socket, answering: FixedAnswers())
    let answers = await withTaskGroup(of: ControlAnswer?.self) { group in
      for _ in 0..<16 { group.addTask { try? ControlClient(path: place.socket).query(.info) } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(answers == Array(repeating: .info(Samples.info), count: 16))
    server.stop()
  }

  @Test("An answer over its limit becomes a refusal that says so")
  func tooLargeAnswer() throws {
    let place = try Place()
    let server = try ControlServer(path: place.socket, answering: HugeAnswers())
    // Making 64 MB of JSON takes its time under a sanitizer.
    let error = #expect(throws: ControlError.self) {
      try ControlClient(path: place.socket).query(.info, within: .seconds(120))
    }
    #expect(error?.description.contains("over the limit of \(ControlProtocol.answerBytesMax)") == true)
    server.stop()
  }
}

@Suite("Strange agents at the control socket")
struct StrangeAgentTests {
  @Test(
    "What is no answer is an error that says so",
    arguments: [
      ([0, 0, 0, 1, 0x7b], ControlError.malformed("not JSON at byte 1: expected a key")),
      ([0, 0, 0, 0], .malformed("not JSON at byte 0: expected a value")),
      (
        [0, 0, 0, 100] + Array(repeating: 0x5b, count: 100),
        .malformed("not JSON at byte 64: expected at most 64 levels")
      ),
      ([0xff, 0, 0, 0], .tooLarge(bytes: 0xff00_0000, limit: ControlProtocol.answerBytesMax)),
      ([1, 0, 0, 0, 0x7b], .closedEarly), ([0, 0], .closedEarly), ([], .closedEarly),
      (frame(#"{"v": 7, "kind": "pong"}"#), .versionMismatch(theirs: 7)),
      (frame(#"{"v": 2, "kind": "songs"}"#), .malformed("an answer of the unknown kind \"songs\"")),
      (frame(#"{"v": 2, "kind": "refused", "body": "no"}"#), .refused("no")),
      // {"v": 1, "a": "refused", "why": "…"} in MessagePack, as an agent of version 1 answers what it cannot read.
      (
        [0, 0, 0, 19, 0x83, 0xa1, 0x76, 1, 0xa1, 0x61, 0xa7] + Array("refused".utf8) + [0xa3] + Array("why".utf8)
          + [0xa0], .versionMismatch(theirs: 1)
      ),
    ] as [([UInt8], ControlError)])
  func garbage(bytes: [UInt8], error: ControlError) throws {
    let place = try Place()
    try withAgent(at: place.socket, answering: bytes) {
      #expect(throws: error) { try ControlClient(path: place.socket).query(.ping) }
    }
  }

  @Test("What would take much more memory than its bytes is not read")
  func manyElements() throws {
    let place = try Place()
    let body = [UInt8(ascii: "[")] + Array(repeating: UInt8(ascii: ","), count: ControlFrame.commasMax + 1)
    let length = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: body.count >> $0) }
    try withAgent(at: place.socket, answering: length + body) {
      #expect(throws: ControlError.malformed("more than 4000000 elements")) {
        try ControlClient(path: place.socket).query(.ping, within: .seconds(30))
      }
    }
  }

  private static func frame(_ text: String) -> [UInt8] { [0, 0, 0, UInt8(text.utf8.count)] + Array(text.utf8) }

  /// Takes one connection and answers whatever is asked with these bytes.
  private func withAgent(at path: String, answering answer: [UInt8], _ body: () -> Void) throws {
    let listener = try ControlListener(path: path)
    let descriptor = listener.descriptor
    let thread = try JoinableThread(name: "agent") {
      var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      poll(&entry, 1, 30_000)
      let stream = StreamSocket(adopting: accept(descriptor, nil, nil), peerName: "client")
      let deadline = ContinuousClock.now + .seconds(30)
      do {
        let prefix = try stream.read(4, deadline: deadline)
        _ = try stream.read(prefix.reduce(0) { $0 << 8 | Int($1) }, deadline: deadline)
        try stream.write(answer, deadline: deadline)
      } catch {
        Issue.record("\(error)")
      }
    }
    body()
    thread.join()
    withExtendedLifetime(listener.path) {}
  }
}
