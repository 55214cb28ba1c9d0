import Foundation
import Testing

@testable import Exporting

@Suite struct `Stopping a forwarder` {
  @Test func `sends all that waits first`() throws {
    let intake = try FaultyIntake()
    let log = OutcomeLog()
    let forwarder = try makeForwarder(to: [intake.url], log: log)
    for number in 0..<50 { forwarder.enqueue(tracesPayload(number, bytes: 50_000)) }
    forwarder.stop(deadline: .later)
    #expect(log.finals == [DeliveryOutcome](repeating: .delivered(status: 200), count: 50))
    #expect(intake.requests.compactMap { number(in: $0.body) }.sorted() == [Int](0..<50))
  }

  @Test func `does not wait for the pauses that failures led to`() throws {
    let intake = try FaultyIntake([.status(503, headers: ["Retry-After: 250"])])
    let log = OutcomeLog()
    let forwarder = try makeForwarder(to: [intake.url], log: log)
    forwarder.enqueue(tracesPayload(1))
    #expect(log.wait { !$0.isEmpty })
    forwarder.stop(deadline: .later)
    #expect(log.finals == [.delivered(status: 200)])
  }

  @Test func `gives up what is not sent when the time is over, under way or waiting`() throws {
    let intake = try FaultyIntake([FaultyIntake.Answer](repeating: .stall, count: 20))
    defer { intake.release() }
    let log = OutcomeLog()
    let forwarder = try makeForwarder(to: [intake.url], log: log)
    for number in 0..<20 { forwarder.enqueue(tracesPayload(number)) }
    #expect(intake.waitForArrivals(5))
    forwarder.stop(deadline: .now)
    #expect(log.finals == [DeliveryOutcome](repeating: .dropped(.shutdown), count: 20))
    #expect(forwarder.counters[.traces].dropped == [.shutdown: 20])
    #expect(forwarder.counters.queueBytes == 0)
    #expect(forwarder.counters.inFlight == 0)
  }

  @Test func `can be done twice, and gives up what comes after`() throws {
    let intake = try FaultyIntake()
    let log = OutcomeLog()
    let forwarder = try makeForwarder(to: [intake.url], log: log)
    forwarder.stop(deadline: .later)
    forwarder.stop(deadline: .later)
    forwarder.enqueue(tracesPayload(1))
    #expect(log.outcomes == [.dropped(.shutdown)])
  }

  @Test func `happens by itself when nobody holds it any more`() throws {
    let intake = try FaultyIntake([.stall])
    defer { intake.release() }
    let log = OutcomeLog()
    do {
      let forwarder = try makeForwarder(to: [intake.url], log: log)
      forwarder.enqueue(tracesPayload(1))
      #expect(intake.waitForArrivals(1))
    }
    #expect(log.outcomes == [.dropped(.shutdown)])
  }
}

@Suite struct `The queue of a forwarder` {
  @Test func `gives up the oldest payload when it is full`() throws {
    let intake = try FaultyIntake([.stall])
    let log = OutcomeLog()
    let forwarder = try makeForwarder(to: [intake.url], log: log) {
      $0.limit(.traces, bytes: 4_000)
      $0.limitTraces(connections: 1)
    }
    forwarder.enqueue(tracesPayload(0, bytes: 1_000))
    #expect(intake.waitForArrivals(1))
    for number in 1...9 { forwarder.enqueue(tracesPayload(number, bytes: 1_000)) }
    #expect(forwarder.counters.queueBytes == 4_000)
    #expect(forwarder.counters[.traces].dropped == [.queueFull: 6])
    intake.release()
    #expect(log.waitForFinals(10))
    #expect(intake.requests.compactMap { number(in: $0.body) } == [0, 7, 8, 9])
    #expect(log.notices == [.dropping(destination: intake.url, reason: .queueFull, count: 1)])
  }
}

@Suite struct `Secrets of a forwarder` {
  @Test func `are in no text that it makes`() throws {
    var destination = try Destination.datadog(
      baseURL: "https://someone:hunter2@intake.example:8443/x", apiKey: testKey, version: "1", commit: "2")
    destination.transport.proxy.https = "http://someone:hunter2@proxy.example"
    var dumped = ""
    dump(destination, to: &dumped)
    dump(destination.transport, to: &dumped)
    dump(destination.headers, to: &dumped)
    let errors = [
      #expect(throws: ForwarderError.self) { try Self.datadog("ftp://u:hunter2@x", testKey) },
      #expect(throws: ForwarderError.self) { try Self.datadog("https://u:hunter2@x", testKey + "\r\nX: y") },
      #expect(throws: ForwarderError.self) {
        let headers = [HTTPHeader("X-Key", testKey + "\n")]
        return try Destination(baseURL: "https://u:hunter2@x", headers: headers, userAgent: "", takes: [:])
      },
    ]
    let texts = [
      "\(destination)", "\(destination.transport)", "\(destination.headers)", String(reflecting: destination),
      String(reflecting: destination.headers), dumped, "\(errors)",
    ]
    for text in texts {
      #expect(!text.contains(testKey))
      #expect(!text.contains("hunter2"))
    }
    #expect(destination.label == "https://intake.example:8443/x")
  }

  private static func datadog(_ url: String, _ key: String) throws(ForwarderError) -> Destination {
    try Destination.datadog(baseURL: url, apiKey: key, version: "", commit: "")
  }

  @Test func `are in no outcome, notice or counter`() throws {
    let intake = try FaultyIntake([.status(403), .status(400), .status(500), .reset])
    let log = OutcomeLog()
    let forwarder = try makeForwarder(to: [intake.url], log: log)
    for number in 0..<4 { forwarder.enqueue(tracesPayload(number)) }
    #expect(log.waitForFinals(4))
    #expect(!"\(log.outcomes) \(log.summaries) \(log.notices) \(forwarder.counters)".contains(testKey))
    #expect(log.notices.map { "\($0)" }.contains { $0.contains("HTTP 403") })
  }

  static let refused: [(String, String)] = [
    ("", testKey), ("intake.example", testKey), ("https://", testKey), ("file:///etc/passwd", testKey),
    ("https://in take", testKey), ("https://x\r\nHost: y", testKey), ("https://x", ""), ("https://x", "key\n"),
    ("https://x", "two keys"),
  ]

  @Test(arguments: refused)
  func `and URLs that could not be right are refused`(url: String, key: String) {
    #expect(throws: ForwarderError.self) { try Self.datadog(url, key) }
  }

  @Test func `cannot be joined by a header of a tracer's making`() throws {
    let intake = try FaultyIntake()
    let log = OutcomeLog()
    let forwarder = try makeForwarder(to: [intake.url], log: log)
    var payload = tracesPayload(1)
    payload.headers = [.reportedLanguages(["python\r\nX-Evil: 1"])]
    forwarder.enqueue(payload)
    #expect(log.waitForFinals(1))
    #expect(intake.requests.first?.headers["x-datadog-reported-languages"] == "pythonX-Evil: 1")
    #expect(intake.requests.first?.headers["x-evil"] == nil)
  }
}

@Suite struct `The proxy of a forwarder` {
  @Test func `is not taken from the environment`() throws {
    setenv("http_proxy", "http://127.0.0.1:\(try FaultyIntake.refusedPort())", 1)
    defer { unsetenv("http_proxy") }
    let intake = try FaultyIntake()
    let log = OutcomeLog()
    let forwarder = try makeForwarder(to: [intake.url], log: log)
    forwarder.enqueue(tracesPayload(1))
    #expect(log.waitForFinals(1))
    #expect(log.outcomes == [.delivered(status: 200)])
  }

  @Test func `carries what goes beyond this machine, and nothing else`() throws {
    let proxy = try FaultyIntake()
    let local = try FaultyIntake()
    let log = OutcomeLog()
    let forwarder = try makeForwarder(to: ["http://intake.invalid", local.url], log: log) {
      $0.transport.proxy.http = proxy.url
    }
    forwarder.enqueue(tracesPayload(1))
    #expect(log.waitForFinals(2))
    #expect(proxy.requests.map(\.line) == ["POST http://intake.invalid/api/v0.2/traces HTTP/1.1"])
    #expect(local.requests.count == 1)
  }
}
