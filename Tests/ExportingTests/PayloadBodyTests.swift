import Exporting
import Foundation
import TestFixtures
import Testing

/// A file that is there as long as somebody holds this.
private final class ScratchFile {
  let path = FileManager.default.temporaryDirectory.appending(path: "roost-body-\(UUID().uuidString)").path

  init(_ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(filePath: path)) }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func shorten(to bytes: Int) { _ = truncate(path, off_t(bytes)) }
}

@Suite struct `The body of a payload` {
  enum Place: CaseIterable { case memory, file }

  /// Bytes that differ from place to place, so that a piece read from the wrong one shows.
  private static func bytes(_ count: Int) -> [UInt8] {
    var random = SeededGenerator(seed: 4)
    return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
  }

  private static func body(_ bytes: [UInt8], in place: Place) throws -> PayloadBody {
    guard place == .file else { return .memory(bytes) }
    // Its name is gone after this; the file lives on until it is closed.
    let file = try ScratchFile(bytes)
    return .file(try withExtendedLifetime(file) { try PayloadFile(path: file.path) })
  }

  @Test(arguments: Place.allCases, [(0, 10), (1, 10), (10, 10), (10, 3), (100_000, 65_536)])
  func `reads the same piece by piece, wherever it is kept`(place: Place, sizes: (count: Int, piece: Int)) throws {
    let bytes = Self.bytes(sizes.count)
    let body = try Self.body(bytes, in: place)
    #expect(body.byteCount == sizes.count)
    #expect(body.memoryBytes == (place == .memory ? sizes.count : 0))
    var read: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: sizes.piece)
    while true {
      let count = try piece.withUnsafeMutableBytes { try body.read(into: $0, at: read.count) }
      #expect(count == min(sizes.piece, sizes.count - read.count))
      guard count > 0 else { break }
      read += piece.prefix(count)
    }
    #expect(read == bytes)
    let again = try piece.withUnsafeMutableBytes { try body.read(into: $0, at: sizes.count / 2) }
    #expect([UInt8](piece.prefix(again)) == [UInt8](bytes[(sizes.count / 2)...].prefix(sizes.piece)))
  }

  @Test func `says why a file cannot be read`() throws {
    let error = #expect(throws: PayloadBodyError.self) { try PayloadFile(path: "/nowhere/at/all") }
    #expect("\(try #require(error))".contains("No such file or directory"))
    let file = try ScratchFile(Self.bytes(100))
    let body = PayloadBody.file(try PayloadFile(path: file.path))
    file.shorten(to: 40)
    var piece = [UInt8](repeating: 0, count: 50)
    let pieces = [0..<40, 0..<50, 50..<60]
    let results = pieces.map { range in
      Result {
        try piece.withUnsafeMutableBytes {
          try body.read(into: .init(rebasing: $0[..<range.count]), at: range.lowerBound)
        }
      }
    }
    #expect(try results[0].get() == 40)
    for result in results[1...] { #expect(throws: PayloadBodyError.shortened) { try result.get() } }
  }
}

@Suite struct `A forwarder of files` {
  /// The payload, with its body moved to a file.
  private static func moved(_ payload: OutgoingPayload, to file: ScratchFile) throws -> OutgoingPayload {
    var payload = payload
    payload.body = .file(try withExtendedLifetime(file) { try PayloadFile(path: file.path) })
    return payload
  }

  @Test func `sends what is in them to all destinations, again where it has to`() throws {
    let intakes = [try FaultyIntake(), try FaultyIntake([.status(503), .status(429)])]
    let log = OutcomeLog()
    let forwarder = try makeForwarder(to: intakes.map(\.url), log: log)
    let payload = tracesPayload(1, bytes: 500_000)
    forwarder.enqueue(try Self.moved(payload, to: ScratchFile(payload.body.bytes)))
    #expect(log.waitForFinals(2))
    #expect(log.finals == [.delivered(status: 200), .delivered(status: 200)])
    for intake in intakes { #expect(intake.requests.allSatisfy { $0.body == payload.body.bytes }) }
    #expect(forwarder.counters[.traces].sentBytes == 1_000_000)
  }

  @Test func `gives up a payload whose file is spoilt, and goes on with the next`() throws {
    let intake = try FaultyIntake()
    let log = OutcomeLog()
    let forwarder = try makeForwarder(to: [intake.url], log: log)
    let file = try ScratchFile(tracesPayload(1, bytes: 500_000).body.bytes)
    let spoilt = try Self.moved(tracesPayload(1, bytes: 500_000), to: file)
    file.shorten(to: 200_000)
    forwarder.enqueue(spoilt)
    #expect(log.waitForFinals(1))
    forwarder.enqueue(tracesPayload(2))
    #expect(log.waitForFinals(2))
    #expect(log.outcomes == [.dropped(.bodyUnreadable), .delivered(status: 200)])
    #expect(forwarder.counters[.traces].dropped == [.bodyUnreadable: 1])
    #expect(forwarder.counters[.traces].lost == PayloadCounts(traces: 2, spans: 7))
    #expect(forwarder.counters.queueBytes == 0 && forwarder.counters.bodyBytes == 0)
    #expect(intake.requests.compactMap { number(in: $0.body) } == [2])
    #expect(log.notices == [.dropping(destination: intake.url, reason: .bodyUnreadable, count: 1)])
  }
}
