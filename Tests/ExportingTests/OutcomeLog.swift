import Exporting
import Foundation

/// What a forwarder said, and a way to wait for it.
final class OutcomeLog: @unchecked Sendable {
  private let condition = NSCondition()
  private var log: [(summary: OutgoingPayload.Summary, outcome: DeliveryOutcome)] = []
  private var said: [ForwarderNotice] = []

  var outcomes: [DeliveryOutcome] { condition.withLock { log.map(\.outcome) } }
  var finals: [DeliveryOutcome] { outcomes.filter(\.isFinal) }
  var summaries: [OutgoingPayload.Summary] { condition.withLock { log.map(\.summary) } }
  var notices: [ForwarderNotice] { condition.withLock { said } }

  func add(_ summary: OutgoingPayload.Summary, _ outcome: DeliveryOutcome) {
    condition.withLock {
      log.append((summary, outcome))
      condition.broadcast()
    }
  }

  func add(_ notice: ForwarderNotice) {
    condition.withLock {
      said.append(notice)
      condition.broadcast()
    }
  }

  /// Waits until the outcomes so far are what the closure asks for.
  func wait(until isReached: ([DeliveryOutcome]) -> Bool) -> Bool {
    condition.withLock {
      let deadline = Date(timeIntervalSinceNow: 30)
      while !isReached(log.map(\.outcome)) {
        guard condition.wait(until: deadline) else { return false }
      }
      return true
    }
  }

  /// Waits until so many notices have come.
  func waitForNotices(_ count: Int) -> Bool {
    condition.withLock {
      let deadline = Date(timeIntervalSinceNow: 30)
      while said.count < count {
        guard condition.wait(until: deadline) else { return false }
      }
      return true
    }
  }

  func waitForFinals(_ count: Int) -> Bool { wait { $0.filter(\.isFinal).count >= count } }
}

let testKey = "0123456789abcdef0123456789abcdef"

/// A forwarder to the given URLs that writes into a log. Each of them is configured alike.
func makeForwarder(
  to urls: [String], log: OutcomeLog, spool: SpoolSettings? = nil,
  _ configure: (inout Destination) -> Void = { _ in }
) throws -> Forwarder {
  let destinations = try urls.map { url in
    var destination = try Destination.datadog(baseURL: url, apiKey: testKey, version: "7.1", commit: "abc")
    destination.retry.delayBase = .milliseconds(1)
    configure(&destination)
    return destination
  }
  return try Forwarder(
    destinations: destinations, spool: spool, onOutcome: { log.add($0, $1) }, onNotice: { log.add($0) })
}

extension Destination {
  /// How many requests with traces may be under way at once.
  mutating func limitTraces(connections: Int) { takes[.traces]?.connectionsMax = connections }

  /// How many bytes of a kind may be held.
  mutating func limit(_ kind: OutgoingPayload.Kind, bytes: Int) { takes[kind]?.queueBytesMax = bytes }
}

/// A payload whose body is the number, and filler behind it.
func tracesPayload(_ number: Int, bytes: Int = 0) -> OutgoingPayload {
  let body = [UInt8]("\(number);".utf8)
  return .datadogTraces(
    body: body + [UInt8](repeating: 0x2e, count: max(0, bytes - body.count)), compression: .zstd(),
    reportedLanguages: ["python", "go"], counts: PayloadCounts(traces: 2, spans: 7), uncompressedBytes: 999)
}

extension PayloadBody {
  /// All bytes, wherever they are kept; none when they cannot be read.
  var bytes: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: byteCount) { space, count in
      count = (try? read(into: UnsafeMutableRawBufferPointer(space), at: 0)) ?? 0
    }
  }
}

/// The number in the body of a payload made by `tracesPayload`.
func number(in body: PayloadBody) -> Int? { number(in: body.bytes) }

/// The number in the body of a payload made by `tracesPayload`.
func number(in body: [UInt8]) -> Int? {
  body.firstIndex(of: UInt8(ascii: ";")).flatMap { Int(String(decoding: body[..<$0], as: UTF8.self)) }
}

extension ContinuousClock.Instant {
  /// Long enough for anything that ends at all.
  static var later: Self { .now + .seconds(60) }
}
