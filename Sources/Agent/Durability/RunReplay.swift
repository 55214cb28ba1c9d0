import Compression
import Decoding
import Exporting
import Journal
import Platform
import Receiver
import Statistics
import Synchronization

/// Takes the requests of one agent that ended suddenly through a pipeline again. On the thread of the replay.
struct RunReplay: ~Copyable {
  private var run: EarlierRuns.Run
  private let parts: PipelineParts
  private let formats: [String: TraceFormat]
  private let bodyBytesMax: Int
  private let receipts: PayloadReceipts
  private let accounting: DeliveryAccounting
  /// Told of the counts whenever they have changed, before what they are of leaves.
  private let publish: (JournalReplay.Counts) -> Void
  private var pipeline: TracePipeline
  private var inflater = BodyInflater()
  /// Statistics that have closed by the time of the requests.
  private var buckets: [StatsBucket] = []
  /// When buckets were last taken, by the time of the requests.
  private var flushedNs: Int64
  /// Of each lane the last request of the segment at hand.
  private var lanes: [Int: UInt64] = [:]
  /// What has been found and sent on so far.
  private(set) var counts = JournalReplay.Counts()
  private let inMemory = PayloadsInMemory()

  init(
    _ run: EarlierRuns.Run, _ parts: PipelineParts, _ formats: [String: TraceFormat], bodyBytesMax: Int,
    _ receipts: PayloadReceipts, _ accounting: DeliveryAccounting,
    publish: @escaping (JournalReplay.Counts) -> Void
  ) {
    self.run = run
    self.parts = parts
    self.formats = formats
    self.bodyBytesMax = bodyBytesMax
    self.receipts = receipts
    self.accounting = accounting
    self.publish = publish
    counts.damaged = run.damagedCount
    // Late spans went to the bucket before the current one, as at an agent that has been running.
    flushedNs = run.firstReceivedNs
    pipeline = TracePipeline(parts, nowNs: run.firstReceivedNs &- parts.concentrator.bucketSizeNs)
  }

  /// - Returns: false when it was told to stop; what is left then is still there.
  /// - Throws: when a segment cannot be read now. It is still there, with all statistics; what of it could be read is sent
  ///   and not sent again.
  mutating func run(isStopping: () -> Bool) throws(JournalError) -> Bool {
    for segment in 0..<run.segmentCount {
      lanes = [:]
      let failure = take(segment, isStopping)
      var outbox = Outbox()
      note(pipeline.flush(nowNs: flushedNs, force: true, &outbox))
      send(outbox.payloads)
      guard inMemory.waitUntilNone(isStopping) else { return false }
      run.mark(lanes)
      if let failure { throw failure }
      // Not all of the segment may have been taken.
      if isStopping() { return false }
    }
    sendStatistics()
    guard inMemory.waitUntilNone(isStopping) else { return false }
    run.remove()
    return true
  }

  /// - Returns: why it could not be read to its end; `nil` when it could.
  private mutating func take(_ segment: Int, _ isStopping: () -> Bool) -> JournalError? {
    // What is read is another value than what is changed with each request.
    let reading: EarlierRuns.Run = self.run
    do throws(JournalError) {
      try reading.forEachRequest(ofSegment: segment) { record, needs in
        take(record, needs)
        return !isStopping()
      }
      return nil
    } catch {
      return error
    }
  }

  private mutating func take(_ record: JournalRecord, _ needs: EarlierRuns.Needs) {
    if needs.traces { lanes[record.lane] = record.sequence }
    guard let request = AcceptedRequest(record.description), let format = formats[request.format] else {
      counts.damaged += 1
      return publish(counts)
    }
    closeBuckets(atNs: record.receivedNs)
    var outbox = Outbox()
    defer {
      pipeline.release()
      inflater.recycle()
      send(outbox.payloads)
    }
    do {
      try request.headers.withHeaders { headers in
        try record.body.withUnsafeBytes { body in
          try take(body, headers, request, format, needs, receivedNs: record.receivedNs, &outbox)
        }
      }
      counts.requests += 1
    } catch {
      // It could be decoded once; now there may be no memory for it.
      counts.damaged += 1
    }
    publish(counts)
  }

  private mutating func take(
    _ body: UnsafeRawBufferPointer, _ headers: RequestHeaders, _ request: AcceptedRequest, _ format: TraceFormat,
    _ needs: EarlierRuns.Needs, receivedNs: Int64, _ outbox: inout Outbox
  ) throws {
    let encoding = try ContentEncoding(header: headers[.contentEncoding])
    let inflated = try inflater.inflate(body, encoding: encoding, bytesMax: bodyBytesMax)
    let container = parts.containers.known(id: request.containerID)
    var payload = TracePayload(body: inflated, client: ClientMetadata(headers, container), nowNs: receivedNs)
    payload.isSent = needs.traces
    payload.isCounted = needs.statistics
    switch format.reading(of: inflated, contentType: headers[.contentType]) {
    case .brokenOff, .unsupportedMediaType: counts.damaged += 1
    case .decode(let decoder): note(try pipeline.run(payload, decoder, &outbox).losses)
    case .decodeStatistics: if needs.statistics { try pipeline.count(payload) }
    case .decodeOTLP(let encoding):
      for part in 0..<(try pipeline.decodeParts(of: payload, encoding)) {
        note(pipeline.run(part: part, of: payload, &outbox).losses)
      }
    }
  }

  /// Takes out what has closed at a time, as a flush after each boundary of a bucket would have.
  private mutating func closeBuckets(atNs nowNs: Int64) {
    let size = parts.concentrator.bucketSizeNs
    guard BucketClock.align(nowNs, size) != BucketClock.align(flushedNs, size) else { return }
    flushedNs = nowNs
    buckets += pipeline.takeBuckets(nowNs: nowNs, all: false)
  }

  /// Statistics that had left before are left out.
  private mutating func sendStatistics() {
    buckets += pipeline.takeBuckets(nowNs: flushedNs, all: true)
    let left = buckets.filter { $0.startNs > run.statisticsDoneNs }
    for output in parts.outputs.statistics {
      var payloads: [OutgoingPayload] = []
      do throws(CompressionError) {
        let saturated = try output.makePayloads(of: left) { payload in
          accounting.recordRestored(payload.counts, destinations: takers(output.kind))
          payloads.append(payload)
        }
        accounting.recordSaturatedSums(saturated)
      } catch {
        // They are lost without memory to compress them, as those of the agent itself are.
        accounting.recordEncodingError(of: output.kind)
      }
      send(payloads)
    }
  }

  private func takers(_ kind: OutgoingPayload.Kind) -> Int { parts.forwarder?.takers(kind) ?? 0 }

  /// Counts traces that could not be encoded.
  private mutating func note(_ losses: [OutputResults.Loss]) {
    for loss in losses {
      accounting.record(loss)
      if loss.kind == keptKind { counts.kept += loss.counts }
    }
  }

  /// The kind of payload by which what is kept is counted: other ones have the same in them.
  private var keptKind: OutgoingPayload.Kind {
    let kinds = [.traces] + OutgoingPayload.Kind.allOTLPTraces
    return kinds.first { parts.forwarder?.takes($0) == true } ?? .traces
  }

  private mutating func send(_ payloads: [OutgoingPayload]) {
    for payload in payloads where payload.kind == keptKind { counts.kept += payload.counts }
    publish(counts)
    for var payload in payloads {
      inMemory.add()
      payload.receipt = receipts.make { [inMemory] in inMemory.remove() }
      parts.forwarder?.enqueue(payload)
    }
  }
}

/// How many payloads of a replay a sudden end would lose.
private final class PayloadsInMemory: Sendable {
  private let count = Atomic<Int>(0)
  private let changed: WakePipe?

  init() { changed = try? WakePipe() }

  func add() { count.add(1, ordering: .sequentiallyConsistent) }

  func remove() {
    count.subtract(1, ordering: .sequentiallyConsistent)
    changed?.wake()
  }

  /// Waits until there is none.
  /// - Returns: false when it was told to stop before.
  func waitUntilNone(_ isStopping: () -> Bool) -> Bool {
    while count.load(ordering: .sequentiallyConsistent) > 0 {
      if isStopping() { return false }
      guard let changed else { return false }
      _ = changed.waitUntilWoken(atMost: .milliseconds(250))
      changed.drain()
    }
    return true
  }
}
