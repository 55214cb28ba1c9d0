import Compression
import Decoding
import Exporting
import Journal
import Platform
import Receiver
import Sampling
import Statistics
import Synchronization

/// Takes the requests of one agent that ended suddenly through a pipeline again. On the thread of the replay.
struct RunReplay: ~Copyable {
  private var run: EarlierRuns.Run
  private let parts: PipelineParts
  private let formats: [String: TraceFormat]
  private let bodyBytesMax: Int
  private let receipts: PayloadReceipts
  private var pipeline: TracePipeline
  private var inflater = BodyInflater()
  /// Statistics that have closed by the time of the requests.
  private var buckets: [StatsBucket] = []
  /// When buckets were last taken, by the time of the requests.
  private var flushedNs: Int64
  /// Of each lane the last request of the segment at hand.
  private var lanes: [Int: UInt64] = [:]
  private var requests = 0
  private var damaged = 0
  private let inMemory = PayloadsInMemory()

  init(
    _ run: EarlierRuns.Run, _ parts: PipelineParts, _ formats: [String: TraceFormat], bodyBytesMax: Int,
    _ receipts: PayloadReceipts
  ) {
    self.run = run
    self.parts = parts
    self.formats = formats
    self.bodyBytesMax = bodyBytesMax
    self.receipts = receipts
    damaged = run.damagedCount
    // Late spans went to the bucket before the current one, as at an agent that has been running.
    flushedNs = run.firstReceivedNs
    pipeline = TracePipeline(parts, nowNs: run.firstReceivedNs &- parts.concentrator.bucketSizeNs)
  }

  /// What has been found and sent on so far.
  var counts: JournalReplay.Counts {
    let counted = pipeline.samplingCounts
    var counts = JournalReplay.Counts(requests: requests, damaged: damaged)
    for verdict in SamplingVerdict.allCases where verdict.isKept {
      counts.kept.traces += Int(clamping: counted.traces[verdict.rawValue])
      counts.kept.spans += Int(clamping: counted.spans[verdict.rawValue])
    }
    return counts
  }

  /// - Returns: false when it was told to stop; what is left then is still there.
  mutating func run(isStopping: () -> Bool) -> Bool {
    for segment in 0..<run.segmentCount {
      lanes = [:]
      run.forEachRequest(ofSegment: segment) { record, needs in
        take(record, needs)
        return !isStopping()
      }
      var outbox = Outbox()
      _ = pipeline.flush(nowNs: flushedNs, force: true, &outbox)
      send(outbox.payloads)
      guard inMemory.waitUntilNone(isStopping) else { return false }
      run.mark(lanes)
    }
    sendStatistics()
    guard inMemory.waitUntilNone(isStopping) else { return false }
    run.remove()
    return true
  }

  private mutating func take(_ record: JournalRecord, _ needs: EarlierRuns.Needs) {
    if needs.traces { lanes[record.lane] = record.sequence }
    guard let request = AcceptedRequest(record.description), let format = formats[request.format] else {
      damaged += 1
      return
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
      requests += 1
    } catch {
      // It could be decoded once; now there may be no memory for it.
      damaged += 1
    }
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
    case .brokenOff, .unsupportedMediaType: damaged += 1
    case .decode(let decoder): _ = try pipeline.run(payload, decoder, &outbox)
    case .decodeStatistics: if needs.statistics { try pipeline.count(payload) }
    case .decodeOTLP(let encoding):
      for part in 0..<(try pipeline.findParts(of: payload, encoding).parts) {
        _ = try pipeline.run(part: part, of: payload, encoding, &outbox)
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
      // Without memory for compressing them they are lost, as those of the agent itself are.
      _ = try? output.makePayloads(of: left) { payloads.append($0) }
      send(payloads)
    }
  }

  private func send(_ payloads: [OutgoingPayload]) {
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
