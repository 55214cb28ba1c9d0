import Configuration
import Foundation
import Platform
import Receiver
import Synchronization
import TestSpans
import Testing

@testable import Agent

@Suite struct LogTests {
  /// A log in a file of its own, with a clock that stands until it is moved.
  private final class LogFile {
    private final class Hands: Sendable {
      let nowNs = Atomic<Int64>(1_750_000_000_000_000_000)
    }
    private let hands = Hands()
    private let file = FileManager.default.temporaryDirectory.appending(path: "roost-log-\(UUID().uuidString)")
    let log: Log

    init(level: LogLevel = .info, _ change: (inout AgentConfiguration) -> Void = { _ in }) {
      let hands = self.hands
      var configuration = AgentConfiguration()
      (configuration.logLevel, configuration.logFile) = (level, file.path)
      change(&configuration)
      log = Log(configuration, clock: WallClock { hands.nowNs.load(ordering: .relaxed) })
    }

    deinit { for number in 0...4 { try? FileManager.default.removeItem(atPath: rolled(number)) } }

    func rolled(_ number: Int) -> String { number == 0 ? file.path : "\(file.path).\(number)" }

    /// The lines of a file that was renamed, without what stands in front of the message.
    func messages(rolled number: Int) -> [Substring]? {
      guard let text = try? String(contentsOfFile: rolled(number), encoding: .utf8) else { return nil }
      return text.split(separator: "\n").map { $0.drop { $0 != "O" }.dropFirst(2) }
    }

    func move() throws -> URL {
      let moved = file.appendingPathExtension("1")
      try FileManager.default.moveItem(at: file, to: moved)
      return moved
    }

    func pass(seconds: Int64) { hands.nowNs.add(seconds * 1_000_000_000, ordering: .relaxed) }

    var lines: [String] {
      log.flush(atMost: .seconds(20))
      let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
      return text.split(separator: "\n").map(String.init)
    }
  }

  @Test func `a line has its time and level`() {
    let file = LogFile()
    file.log.info("hello")
    file.log.debug("not shown")
    file.log.error("bad")
    #expect(file.lines == ["2025-06-15T15:06:40Z INFO hello", "2025-06-15T15:06:40Z ERROR bad"])
  }

  @Test func `at debug every request has a line, also one that never was whole and one of another product`() throws {
    let file = LogFile(level: .debug)
    var routes = ServedRoutes.standard
    routes.rows.append(.init([.listed("/own")], .product(Refusing())))
    let agent = try AgentUnderTest(threads: 1, routes: routes, log: file.log)
    let body = TestPayload.v04([[TestSpan(1)]])
    #expect(try agent.post("/v0.4/traces", body, ["Content-Type": "application/msgpack"]).status == 200)
    #expect(try agent.post("/own", [1]).status == 403)
    let head = "PUT /v0.4/traces HTTP/1.1\r\nHost: a\r\nContent-Length: 1073741824\r\n\r\n"
    #expect(try agent.converse([Array(head.utf8)], .closesSending).map(\.status) == [413])
    var lines: [String] = []
    #expect(
      eventually {
        lines = file.lines.filter { $0.contains(" DEBUG ") }
        return lines.count == 3
      })
    #expect(lines[0].hasSuffix(": 200, \(body.count) bytes, 1 trace, 1 span"))
    #expect(lines[1].contains(" /own from loopback port ") && lines[1].hasSuffix(": 403, 1 byte, refused (no_key)"))
    #expect(lines[2].contains(" /v0.4/traces from "))
    #expect(lines[2].hasSuffix(": refused (payload-too-large), 0 bytes had come"))
  }

  private struct Refusing: ProductEndpoint {
    func noteBroken(_ request: borrowing RejectedRequest) {}

    func receive(_ request: borrowing Request, headers: [AnswerHeader]) -> ProductReply {
      ProductReply(outcome: .refused(reason: "no_key"), reply: .now(Answer(status: 403, text: "no")))
    }
  }

  @Test func `what clients cause is thinned out, and how much is said`() {
    let file = LogFile()
    for number in 1...100 { file.log.warn(kind: "decoding", "bad \(number)") }
    file.log.warn(kind: "other", "something else")
    #expect(file.lines.count == 6 && file.lines.last?.hasSuffix("something else") == true)
    file.pass(seconds: 10)
    file.log.warn(kind: "decoding", "bad again")
    #expect(file.lines.last?.hasSuffix("bad again (and 95 more like it before)") == true)
    file.log.warn(kind: "decoding", "and again")
    #expect(file.lines.last?.hasSuffix("WARN and again") == true)
  }

  @Test func `a file that was moved away is written by its name again when that is asked for`() throws {
    let file = LogFile()
    file.log.info("before")
    #expect(file.lines.count == 1)
    let moved = try file.move()
    file.log.info("between")
    file.log.flush(atMost: .seconds(20))
    file.log.reopen()
    file.log.info("behind")
    #expect(file.lines.map { $0.suffix(6) } == ["behind"])
    #expect(try String(contentsOf: moved, encoding: .utf8).split(separator: "\n").count == 2)
    try FileManager.default.removeItem(at: moved)
  }

  @Test func `a line is a JSON object where that is wanted, whatever is in it`() {
    let file = LogFile { $0.logFormatJSON = true }
    file.log.warn("a \"b\"\n\u{1B}c\\")
    #expect(
      file.lines == [
        #"{"agent":"trace","time":"2025-06-15T15:06:40Z","level":"WARN","msg":"a \"b\"\\n\\x1bc\\"}"#
      ])
  }

  @Test(arguments: [(1, 1), (2, 2), (0, 4)])
  func `a full file is renamed, and so many old ones are kept`(rollsMax: Int, kept: Int) {
    let file = LogFile {
      $0.logFileBytesMax = 40
      $0.logFileRollsMax = rollsMax
    }
    for number in 1...5 {
      file.log.info("line \(number)")
      file.log.flush(atMost: .seconds(20))
    }
    // Two lines fill a file; the fifth is alone in its own.
    #expect(file.messages(rolled: 0) == ["line 5"])
    #expect(file.messages(rolled: 1) == ["line 3", "line 4"])
    #expect(file.messages(rolled: 2) == (kept > 1 ? ["line 1", "line 2"] : nil))
  }

  @Test func `a file that somebody else has moved is not renamed once more`() throws {
    let file = LogFile { $0.logFileBytesMax = 40 }
    file.log.info("line 1")
    #expect(file.lines.count == 1)
    _ = try file.move()
    file.log.info("line 2")
    file.log.flush(atMost: .seconds(20))
    file.log.info("line 3")
    #expect(file.lines.map { $0.suffix(6) } == ["line 3"])
    #expect(file.messages(rolled: 1) == ["line 1", "line 2"])
  }

  @Test func `a link is not renamed, and the file that it leads to is written on`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "roost-log-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (link, target) = ("\(folder)/current.log", "\(folder)/agent.log")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
    let file = LogFile { ($0.logFile, $0.logFileBytesMax) = (link, 40) }
    for number in 1...4 {
      file.log.info("line \(number)")
      file.log.flush(atMost: .seconds(20))
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["agent.log", "current.log"])
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == target)
    #expect(try String(contentsOfFile: target, encoding: .utf8).split(separator: "\n").count == 4)
  }

  @Test(arguments: [
    (false, false, "<28>Jun 15 15:06:40 roost[PID]: WARN a b"),
    (true, false, "<28>1 2025-06-15T15:06:40Z HOST roost PID - - WARN a b"),
    (
      true, true,
      #"<28>1 2025-06-15T15:06:40Z HOST roost PID - - {"agent":"trace","time":"2025-06-15T15:06:40Z","level":"WARN","msg":"a b"}"#
    ),
  ])
  func `each line is a datagram for syslog too, also after syslog was started again`(
    isRFC5424: Bool, isJSON: Bool, expected: String
  ) throws {
    let path = "/tmp/roost-syslog-\(UInt32.random(in: 0 ... .max)).sock"
    let file = LogFile {
      ($0.logsToSyslog, $0.syslogURI) = (true, "unixgram://\(path)")
      ($0.syslogIsRFC5424, $0.logFormatJSON) = (isRFC5424, isJSON)
    }
    file.log.warn("nobody listens")
    file.log.flush(atMost: .seconds(20))
    let syslog = try Datagrams(path: path)
    file.log.warn("a b")
    let line = expected.replacing("HOST", with: SystemFacts.hostname).replacing("PID", with: "\(getpid())")
    // The lines that were lost are said first.
    let notice = syslog.next()
    #expect(notice.contains("1 line was left out here") && syslog.next() == line)
    #expect(file.lines.count == 2)
  }

  @Test(arguments: [
    ("unixgram:///dev/log", true), ("udp://127.0.0.1:514", true), ("udp://[::1]:514", true), ("tcp://a:1", false),
    ("unixgram://log", false), ("", false),
  ])
  func `syslog is found by its address`(uri: String, isUsed: Bool) {
    #expect((SyslogSocket(uri: uri) != nil) == isUsed)
  }

  @Test func `a line too long for a datagram is left out of syslog alone, and all are when nobody listens`() throws {
    let path = "/tmp/roost-syslog-\(UInt32.random(in: 0 ... .max)).sock"
    var syslog: Datagrams? = try Datagrams(path: path)
    let descriptor = try #require(SyslogSocket(uri: "unixgram://\(path)")?.reopened())
    defer { close(descriptor) }
    var limit: Int32 = 8_192
    setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &limit, socklen_t(MemoryLayout<Int32>.size))
    let lines = Array("a\n\(String(repeating: "x", count: 100_000))\nb\n".utf8)
    #expect(SyslogSocket.send(lines, to: descriptor) == .init(lost: [1], isUsable: true))
    #expect(syslog?.next() == "a" && syslog?.next() == "b")
    syslog = nil
    #expect(SyslogSocket.send(lines, to: descriptor) == .init(lost: [0, 1, 2], isUsable: false))
  }

  @Test(arguments: [(false, [true, true, true]), (true, [true, false, true])])
  func `a host for syslog is looked up again after ten seconds at the earliest, a path at once`(
    isHost: Bool, expected: [Bool]
  ) throws {
    let path = "/tmp/roost-syslog-\(UInt32.random(in: 0 ... .max)).sock"
    let syslog = try Datagrams(path: path)
    let hands = TimeHands()
    let socket = SyslogSocket(uri: isHost ? "udp://127.0.0.1:514" : "unixgram://\(path)", clock: { hands.now })
    let isOpened = [0, 9, 10].map { second -> Bool in
      hands.seconds.store(second, ordering: .relaxed)
      guard let descriptor = socket?.reopened() else { return false }
      close(descriptor)
      return true
    }
    withExtendedLifetime(syslog) { #expect(isOpened == expected) }
  }

  private final class TimeHands: Sendable {
    let seconds = Atomic<Int>(0)
    let start = ContinuousClock.now
    var now: ContinuousClock.Instant { start + .seconds(seconds.load(ordering: .relaxed)) }
  }

  @Test func `the level can change`() {
    let file = LogFile()
    file.log.debug("hidden")
    file.log.setLevel(.debug)
    file.log.debug("shown")
    file.log.setLevel(.error)
    file.log.warn("hidden")
    file.log.warn(kind: "any", "hidden")
    #expect(file.lines.map { $0.suffix(5) } == ["shown"])
  }

  @Test func `a client cannot write lines of its own, nor to the terminal`() {
    let file = LogFile()
    file.log.warn("a\nFAKE INFO\r\u{1B}[2Jb\u{0}\u{85}\u{2028}\u{202E}\u{9B}c\u{7F}é")
    #expect(file.lines.count == 1)
    #expect(file.lines[0].hasSuffix(#"WARN a\nFAKE INFO\r\x1b[2Jb\x00\x85\u{2028}\u{202e}\x9bc\x7fé"#))
  }

  @Test func `a line has an end`() {
    let file = LogFile()
    file.log.warn(String(repeating: "x", count: 100_000))
    #expect(file.lines[0].utf8.count < 2_100)
  }
}
