import Foundation
import TestFixtures
import Testing

@testable import Diagnosis

@Suite("Tracers' lines in logs")
struct LogLineTests {
  /// One log a language, as its tracers wrote it; beside it what is to be found.
  static let logs = [
    "python", "python-2017", "python-4", "opentelemetry", "opentelemetry-asides", "nodejs", "ruby", "java", "go",
    "dotnet",
    "php", "cpp", "startup", "mixed",
  ]

  @Test("A log of this language is understood line by line", arguments: logs)
  func log(_ name: String) throws {
    let text = String(decoding: try Fixtures.bytes("doctor/log-\(name).txt"), as: UTF8.self)
    var evidence = Evidence()
    evidence.log = LogReader.lines(of: text)
    let found = try evidence.json.log() + "\n"
    #expect(found == (try Golden.text("doctor/log-\(name).json", accepting: found)))
  }

  @Test("Each pattern knows its own example", arguments: LogPattern.all.map(\.id))
  func examples(_ id: String) throws {
    let pattern = try #require(LogPattern.find(id))
    let lines = LogReader.lines(of: pattern.example)
    #expect(lines.map(\.pattern) == [id])
    #expect(lines.first?.meaning.hasPrefix(pattern.meaning) == true)
    #expect(!(lines.first?.meaning.hasSuffix(".") ?? true))
  }

  @Test("Every line that an explanation lists is understood", arguments: DiagnosisTable.all.map(\.id))
  func explained(_ id: String) throws {
    for line in try #require(DiagnosisTable.find(id)).explanation.lines {
      let found = LogReader.lines(of: line)
      #expect(found.count == 1, "\(line)")
      var evidence = Evidence()
      evidence.log = found
      #expect(!Examination(evidence).findings.isEmpty, "\(line)")
    }
  }

  @Test("A sign is no line", arguments: DiagnosisTable.all.map(\.id))
  func signs(_ id: String) throws {
    for sign in try #require(DiagnosisTable.find(id)).explanation.signs {
      #expect(LogReader.lines(of: sign).isEmpty, "\(sign)")
    }
  }

  @Test("A line of an OTLP exporter is explained by what roost does not take, whatever the error is")
  func openTelemetry() {
    for pattern in LogPattern.openTelemetry {
      let lines = LogReader.lines(of: pattern.example)
      #expect(lines.compactMap(LogConclusion.diagnosis) == ["RST019"], "\(pattern.id)")
    }
    let lines = LogReader.lines(
      of: "error Exporting failed. Dropping data. {\"error\": \"x\", \"dropped_items\": 26}\n"
        + "Failed to export spans batch code: 413, reason: Payload Too Large\n"
        + "Failed to export traces to localhost:8126, error code: StatusCode.UNAVAILABLE, error details: x: Failed "
        + "parsing HTTP/2 (Expected SETTINGS frame as the first frame, got frame type 79)\n")
    #expect(lines.map(\.lost) == [26, nil, nil])
    #expect(lines.map(\.httpStatus) == [nil, 413, nil])
    #expect(lines.map(\.errorName) == [nil, nil, "HTTP2_REFUSED"])
    #expect(lines.map(\.url) == [nil, nil, "localhost:8126"])
  }

  @Test("A line of an OTLP exporter about metrics or logs concludes nothing about traces")
  func openTelemetryAsides() {
    for pattern in LogPattern.openTelemetryAsides {
      let lines = LogReader.lines(of: pattern.example)
      #expect(lines.map(\.isAside) == [true], "\(pattern.id)")
      #expect(lines.compactMap(LogConclusion.diagnosis) == [], "\(pattern.id)")
    }
  }

  @Test("Real lines of exporters about metrics and logs are all known, and conclude nothing about traces")
  func capturedAsides() throws {
    let text = String(decoding: try Fixtures.bytes("doctor/log-opentelemetry-asides.txt"), as: UTF8.self)
    let lines = LogReader.lines(of: text)
    #expect(lines.reduce(0) { $0 + $1.count } == text.split(separator: "\n").count - 1)
    #expect(lines.filter { !$0.isAside }.isEmpty)
    var evidence = Evidence()
    evidence.log = lines
    #expect(Examination(evidence).findings == [])
  }

  @Test(
    "The error is named whatever the system and the library call it",
    arguments: [
      ("[Errno 61] Connection refused", "ECONNREFUSED"), ("[Errno 111] Connection refused", "ECONNREFUSED"),
      ("[Errno 111]", "ECONNREFUSED"), ("[Errno 99] Cannot assign requested address", "EADDRNOTAVAIL"),
      ("[Errno 49] Can't assign requested address", "EADDRNOTAVAIL"), ("[Errno 110] Connection timed out", "ETIMEDOUT"),
      ("[Errno 60] Operation timed out", "ETIMEDOUT"), ("[Errno 113] No route to host", "EHOSTUNREACH"),
      ("[Errno 13] Permission denied", "EACCES"), ("[Errno 2] No such file or directory", "ENOENT"),
      ("[Errno 91] Protocol wrong type for socket", "EPROTOTYPE"), ("[Errno 41]", "EPROTOTYPE"),
      ("[Errno -2] Name or service not known", "ENOTFOUND"), ("[Errno -3] Try again", "EAI_AGAIN"),
      ("[Errno 8] nodename nor servname provided, or not known", "ENOTFOUND"), ("timeout('timed out')", "ETIMEDOUT"),
      ("ConnectionRefusedError(111, 'Connection refused')", "ECONNREFUSED"), ("[Errno 104]", "ECONNRESET"),
      ("Connection refused (os error 111)", "ECONNREFUSED"), ("[Errno 24] Too many open files", "EMFILE"),
      ("SocketException (111)", "ECONNREFUSED"), ("[SSL: WRONG_VERSION_NUMBER]", "WRONG_VERSION_NUMBER"),
    ])
  func errors(_ text: String, _ name: String) {
    let lines = LogReader.lines(of: "ddtrace.writer - ERROR - cannot send spans to localhost:8126: \(text)")
    #expect(lines.first?.errorName == name)
  }

  @Test(
    "The address is found as the line has it, without the endpoint's path",
    arguments: [
      ("to intake at http://10.1.2.3:8126/v0.5/traces after 3 retries", "http://10.1.2.3:8126"),
      (
        "to intake at unix:///var/run/datadog/apm.socket/v0.5/traces after 3 retries",
        "unix:///var/run/datadog/apm.socket"
      ),
      ("to intake at http://[::1]:8126/v0.4/traces, 52 additional messages", "http://[::1]:8126"),
      ("to intake at http://agent:8126/v0.4/traces: client error (Connect) [3 skipped]", "http://agent:8126"),
      ("to intake at https://user:pw@agent:8126/v0.4/traces after 3 retries", "https://…@agent:8126"),
    ])
  func addresses(_ text: String, _ url: String) {
    let lines = LogReader.lines(of: "failed to send, dropping 2 traces \(text)")
    #expect(lines.first?.url == url)
    #expect(lines.first?.lost == 2)
  }

  @Test("Ordinary lines are not a tracer's")
  func ordinary() {
    for line in [
      "127.0.0.1 - - [24/Nov/2026] \"GET /agents HTTP/1.1\" 200 -", "redis: Connection refused",
      "2026-11-24 INFO shop.orders - 3 payloads stored", "DEBUG sent 12 traces in 0.01s to http://localhost:8126",
      "connect ECONNREFUSED 127.0.0.1:6379", "Traceback (most recent call last):", "", "lost 3 sockets", "\u{0}\u{1}",
      // Others' gRPC and others' exports.
      "Error: 14 UNAVAILABLE: No connection established. Last error: Error: connect ECONNREFUSED 10.0.0.5:50051",
      "14 UNAVAILABLE: connect ECONNREFUSED 10.0.0.5:50051", "Failed to export report.pdf. Server responded with 500",
      "Failed to export orders. The request could not be executed.",
      "Failed to export users batch code: 12",
    ] { #expect(LogReader.lines(of: line).map(\.pattern) == []) }
  }

  @Test("A traceback that follows gives the reason, what comes after it does not")
  func traceback() {
    let head = "ddtrace.internal.writer - ERROR - failed to send traces to Datadog Agent at http://localhost:8126\n"
    let trace = "Traceback (most recent call last):\n  File \"x.py\", line 1, in connect_timeout\n"
    let reason = "ConnectionRefusedError: [Errno 111] Connection refused\n"
    #expect(LogReader.lines(of: head + trace + reason).map(\.errorName) == ["ECONNREFUSED"])
    #expect(LogReader.lines(of: head + "2026-11-24 redis - Connection refused\n").map(\.errorName) == [nil])
    #expect(LogReader.lines(of: head + trace + "2026-11-24 kafka timed out\n" + reason).map(\.errorName) == [nil])
  }

  @Test("Repeats are folded into the first line, with their losses added")
  func repeats() {
    let line = "failed to send, dropping 3 traces to intake at http://localhost:8126/v0.5/traces after 3 retries\n"
    let lines = LogReader.lines(of: "x\n" + String(repeating: line, count: 1000))
    #expect(lines.map(\.line) == [2])
    #expect(lines.first?.count == 1000)
    #expect(lines.first?.lost == 3000)
  }

  @Test("Pieces of any size give the same")
  func pieces() throws {
    let bytes = try Fixtures.bytes("doctor/log-mixed.txt")
    let whole = LogReader.lines(of: String(decoding: bytes, as: UTF8.self))
    for size in [1, 7, 64, 4096] {
      var reader = LogReader()
      for start in stride(from: 0, to: bytes.count, by: size) {
        reader.read(Array(bytes[start..<min(start + size, bytes.count)]))
      }
      #expect(reader.finish().lines == whole)
    }
  }

  @Test("A line without end costs no more than its limit, and what was cut is no reason to fail")
  func endless() {
    var reader = LogReader()
    reader.read(Array("cannot send spans to localhost:8126: ".utf8))
    for _ in 0..<100 { reader.read([UInt8](repeating: UInt8(ascii: "a"), count: 65_536)) }
    reader.read(Array(" [Errno 111] Connection refused\ncannot send spans: [Errno 111] x\n".utf8))
    let lines = reader.finish().lines
    #expect(lines.map(\.errorName) == [nil, "ECONNREFUSED"])
    #expect(lines.allSatisfy { $0.text.utf8.count <= LogPattern.shownBytesMax + 3 })
  }

  @Test("A log of nothing but distinct lines is cut, and every line counts")
  func distinct() {
    let line = "failed to send, dropping 3 traces to intake at http://hostN:8126/v0.5/traces after 3 retries\n"
    let text = (0..<1000).map { line.replacing("N", with: "\($0)") }.joined()
    let reading = LogReader.reading(of: text + "Writer queue is full\n" + text)
    #expect(reading.lines.count == LogReader.linesMax)
    #expect(reading.lines.reduce(0) { $0 + $1.count } == 2001)
    #expect(reading.lines.reduce(0) { $0 + ($1.lost ?? 0) } == 6000)
    #expect(reading.linesRead == 2001)
  }

  @Test("No secret of a line is kept")
  func secrets() throws {
    let key = "0123456789abcdef0123456789abcdef"
    let text = """
      failed to send, dropping 1 traces to intake at http://bob:hunter2@agent:8126/v0.5/traces after 3 retries
      Error: Error from the agent: 403 Forbidden api_key=\(key)
      DATADOG TRACER CONFIGURATION {"lang":"go","agent_url":"http://bob:hunter2@agent:8126","api_key":"\(key)","agent_error":"refused by bob:hunter2@agent"}
      """
    var evidence = Evidence()
    evidence.log = LogReader.lines(of: text)
    #expect(evidence.log.count == 3)
    let json = try evidence.json
    #expect(!json.contains(key))
    #expect(!json.contains("hunter2"))
  }

  @Test("A startup document may go over several lines, and a broken one is still a line")
  func startup() {
    let text = """
      INFO -- ddtrace: [ddtrace] DATADOG TRACER CONFIGURATION -
      {
        "lang": "ruby", "agent_url": "http://10.0.0.1:8126?timeout=1",
        "agent_error": "Connection refused - connect(2)", "tags": {"a": "}"}
      }
      cannot send spans: [Errno 111] x
      DATADOG TRACER CONFIGURATION => { "agent_url": "http:\\/\\localhost:8126", "lang": "php" }
      DATADOG TRACER CONFIGURATION {"lang": "go",
      """
    let lines = LogReader.lines(of: text)
    #expect(lines.map(\.pattern) == ["any.startup", "python.cannot_send_spans", "any.startup"])
    #expect(lines.first?.url == "http://10.0.0.1:8126")
    #expect(lines.first?.errorName == "ECONNREFUSED")
    #expect(lines.first?.settings["tags"] == "{\"a\":\"}\"}")
    // Two that cannot be read are alike.
    #expect(lines.last?.settings == [:])
    #expect(lines.last?.count == 2)
  }
}

extension String {
  /// The part `log` of an evidence document, for reading.
  fileprivate func log() throws -> String {
    let document = try #require(try JSONSerialization.jsonObject(with: Data(utf8)) as? [String: Any])
    let data = try JSONSerialization.data(
      withJSONObject: document["log"] ?? [], options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    return String(decoding: data, as: UTF8.self)
  }
}
