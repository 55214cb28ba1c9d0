import Compression
import TraceModel

/// What one receiving thread gathers of kept traces in a writer, until a payload is full or has waited long enough.
package final class GatheredTraces<Writer: TraceGathering & ~Copyable>: BatchOutput {
  package let kind: OutgoingPayload.Kind
  package let selection = ChunkSelection.kept

  private var writer: Writer
  private let flushPeriodNs: Int64
  /// When the first came of what is in the payload; `nil` while nothing is.
  private var firstNs: Int64?
  /// When something was last added or handed out.
  private var lastWorkNs: Int64

  /// - Parameters:
  ///   - flushPeriodNs: how long traces wait at most for others to share their payload.
  ///   - nowNs: when it begins.
  init(_ kind: OutgoingPayload.Kind, _ writer: consuming Writer, flushPeriodNs: Int64, nowNs: Int64) {
    self.kind = kind
    self.writer = writer
    self.flushPeriodNs = flushPeriodNs
    lastWorkNs = nowNs
  }

  package var pending: PayloadCounts { writer.pending }

  package func add(_ batch: borrowing SpanBatch, nowNs: Int64, _ results: inout OutputResults) {
    let before = results.payloads.count
    let began = firstNs ?? nowNs
    do throws(TraceWriterError) {
      try writer.add(batch) { results.send($0.gathered(from: began, to: nowNs)) }
    } catch {
      results.lose(error.lost, of: kind, reason: "\(error.cause)")
    }
    lastWorkNs = nowNs
    // What is left after a payload became full has come now.
    firstNs = writer.pending.traces == 0 ? nil : results.payloads.count > before ? nowNs : began
  }

  package func flush(nowNs: Int64, force: Bool, _ results: inout OutputResults) {
    guard let began = firstNs else {
      let quietNs = max(GatheringTimes.quietNs, flushPeriodNs)
      // A clock that was set back has waited long enough.
      if force || nowNs < lastWorkNs || nowNs &- lastWorkNs >= quietNs { writer.release() }
      return
    }
    guard force || isDue(nowNs, began) else { return }
    firstNs = nil
    lastWorkNs = nowNs
    do throws(TraceWriterError) {
      if let payload = try writer.finish() { results.send(payload.gathered(from: began, to: nowNs)) }
    } catch {
      results.lose(error.lost, of: kind, reason: "\(error.cause)")
    }
  }

  /// Whether the next look would be too late. A clock that was set back must not make traces wait until it is where it was.
  private func isDue(_ nowNs: Int64, _ began: Int64) -> Bool {
    let lookNs = GatheringTimes.lookPeriod.components.attoseconds / 1_000_000_000
    return nowNs < began || nowNs &- began &+ lookNs > flushPeriodNs
  }
}

/// Makes compressed payloads of the kept chunks of one receiving thread.
package protocol TraceGathering: ~Copyable {
  /// What is inside of the unfinished payload.
  var pending: PayloadCounts { get }

  /// Adds the kept chunks of a batch. A payload that gets too large is finished and handed to `send`.
  ///
  /// - Throws: when the compressor fails; then the unfinished payload is lost, and `lost` in the error says what was in
  ///   it and what of the batch was not handed to `send` before.
  mutating func add(_ batch: borrowing SpanBatch, send: (OutgoingPayload) -> Void) throws(TraceWriterError)

  /// Ends the payload and hands it over; `nil` when nothing was added.
  mutating func finish() throws(TraceWriterError) -> OutgoingPayload?

  /// Gives the compressor's memory back, when nothing is coming.
  mutating func release()
}

/// A payload could not be compressed.
package struct TraceWriterError: Error {
  package let cause: CompressionError
  /// What was in the payload that is lost, and what was to come into it.
  package let lost: PayloadCounts
}

/// When what was gathered is looked at.
package enum GatheringTimes {
  /// Looks at what waits are so far apart, at most, while traces come; a payload leaves with the last look before its time
  /// is over.
  package static let lookPeriod = Duration.milliseconds(500)
  /// With nothing in it for so long, the memory is given back that only work needs. Tracers send about once a second.
  static let quietNs: Int64 = 5_000_000_000
}

extension PayloadCounts {
  /// What is in those chunks of the range that are kept.
  static func kept(of batch: borrowing SpanBatch, _ range: Range<Int>) -> PayloadCounts {
    var counts = PayloadCounts()
    for index in range {
      let chunk = batch.chunks[index]
      guard chunk.isKept else { continue }
      counts.traces += 1
      counts.spans += chunk.sentSpanCount
    }
    return counts
  }
}

extension OutgoingPayload {
  /// The same, with the time that the first of it has waited for others.
  fileprivate func gathered(from began: Int64, to nowNs: Int64) -> OutgoingPayload {
    var payload = self
    payload.gatheredFor = .nanoseconds(max(0, nowNs &- began))
    return payload
  }
}
