import Exporting
import Store
import TraceModel

/// What one receiving thread keeps of its traces for the store: encoded chunks, as the intake gets them, in a block that
/// is handed over when the store gathers it or when it is full.
///
/// Sendable by hand: it lives in a shard, and is used under the shard's lock alone.
final class TraceGatherer: EncodedChunkReceiver, @unchecked Sendable {
  /// A block is handed over when it has so many bytes.
  static let blockBytesMax = 256 * 1_024
  /// A chunk that is larger is too large to keep; the intake would not take it either.
  static let chunkBytesMax = 4 << 20
  /// Of one payload, what is beyond is thinned, should it be more than was measured: the store takes no more at once.
  static let payloadBytesMax = 7 << 20

  private var encoder = TracerPayloadEncoder()
  private let storing: TraceStoring
  private var block = TraceBlock()
  /// Blocks that the payload at hand has filled.
  private var full: [TraceBlock] = []
  private var payloadBytes = 0
  /// The chunks of the batch at hand: whether each is wanted, and not yet taken.
  private var isWanted = GrowableBuffer<Bool>()
  private var size = EncodedSize()
  private var sender: TraceBlock.Slice?
  private(set) var counts = StoredTraceCounts()

  init(_ storing: TraceStoring) { self.storing = storing }

  /// Decides which chunks of a batch to keep. To be called before anything encodes them.
  func begin(_ batch: borrowing SpanBatch, nowNs: Int64) {
    isWanted.removeAll(keepingBytes: 1 << 16)
    sender = nil
    payloadBytes = 0
    guard storing.isOpen else { return }
    let second = nowNs / 1_000_000_000
    let waiting = storing.waitingBytes
    size.measure(batch, place: TraceStoring.capacity / 4 * 3 - waiting)
    storing.thinning.withLock { thinning in
      thinning.begin(
        payload: TraceThinning.Load(spans: size.spans, bytes: size.total), waiting: waiting, second: second)
      for index in 0..<batch.chunks.count {
        let chunk = batch.chunks[index]
        isWanted.append(!chunk.isRemoved && takes(chunk, bytes: size.chunks[index], batch, &thinning))
      }
    }
    size.removeAll()
  }

  /// A chunk that an output has encoded.
  func take(chunk index: Int, message: UnsafeRawBufferPointer, of batch: borrowing SpanBatch) {
    guard index < isWanted.count, isWanted[index] else { return }
    isWanted[index] = false
    append(batch.chunks[index], message: message, of: batch)
  }

  /// Encodes what is wanted and no output has encoded. Returns the blocks that are full.
  func end(_ batch: borrowing SpanBatch) -> [TraceBlock] {
    for index in 0..<isWanted.count where isWanted[index] {
      guard payloadBytes < Self.payloadBytesMax else {
        leaveOut(batch.chunks[index])
        continue
      }
      encoder.encode(chunk: index, of: batch)
      // Copied first, because the sender is written by the same encoder.
      append(batch.chunks[index], message: encoder.buffer.bytes, of: batch)
    }
    isWanted.removeAll(keepingBytes: 1 << 16)
    encoder.removeAll()
    defer { full = [] }
    return full
  }

  /// What has been gathered, to be handed over; `nil` when there is nothing.
  func takeBlock() -> TraceBlock? {
    guard !block.chunks.isEmpty else { return nil }
    defer { block = TraceBlock() }
    return block
  }

  private func takes(
    _ chunk: ChunkRecord, bytes: Int, _ batch: borrowing SpanBatch, _ thinning: inout TraceThinning
  ) -> Bool {
    // One that is too large by itself is counted as such.
    if bytes > Self.chunkBytesMax { return true }
    let root = batch.spans[Int(chunk.root)]
    let spans = Int(chunk.spans.count)
    let candidate = TraceThinning.Candidate(
      traceID: root.traceID, load: TraceThinning.Load(spans: spans, bytes: bytes), durationNs: root.durationNs)
    let isTaken = thinning.takes(candidate) {
      let seed = storing.seed
      let operation = seed.hash(batch.bytes(root.name), after: seed.hash(batch.bytes(root.service)))
      return TraceThinning.Details(
        resource: seed.hash(batch.bytes(root.resource), after: operation), hasError: hasError(chunk, batch))
    }
    if !isTaken { counts.thinned(spans: spans) }
    return isTaken
  }

  private func leaveOut(_ chunk: ChunkRecord) {
    counts.thinned(spans: Int(chunk.spans.count))
    storing.thinning.withLock { $0.leaveOut() }
  }

  private func hasError(_ chunk: ChunkRecord, _ batch: borrowing SpanBatch) -> Bool {
    for index in chunk.spans.range where batch.spans[index].error != 0 { return true }
    return false
  }

  private func append(_ chunk: ChunkRecord, message: UnsafeRawBufferPointer, of batch: borrowing SpanBatch) {
    guard message.count <= Self.chunkBytesMax else { return counts.tooLarge(spans: Int(chunk.spans.count)) }
    guard payloadBytes < Self.payloadBytesMax else { return leaveOut(chunk) }
    payloadBytes += message.count
    // The block is a new array each time; growing it by doubling would copy it several times a second.
    if block.bytes.isEmpty { block.bytes.reserveCapacity(Self.firstBytes) }
    var record = TraceBlock.Chunk()
    record.message = block.add(message)
    record.sender = senderSlice(of: batch)
    let spans = chunk.spans.range
    var (startNs, endNs, errors) = (Int64.max, Int64.min, Int32(0))
    for index in spans {
      let span = batch.spans[index]
      startNs = min(startNs, span.startNs)
      endNs = max(endNs, span.endNs)
      if span.error != 0 { errors += 1 }
    }
    record.traceIDLow = batch.spans[Int(chunk.root)].traceID
    record.traceIDHigh = batch.traceIDHigh(of: chunk)
    record.startNs = startNs
    record.endNs = endNs
    record.spanCount = Int32(clamping: spans.count)
    record.errorCount = errors
    record.root = Int32(clamping: Int(chunk.root) - spans.lowerBound)
    record.priority = chunk.priority
    record.verdict = Int32(chunk.verdict)
    block.chunks.append(record)
    counts.handedOver(spans: spans.count)
    guard block.bytes.count >= Self.blockBytesMax else { return }
    full.append(block)
    block = TraceBlock()
    sender = nil
  }

  /// Memory that a block begins with; few seconds of a quiet app need more.
  private static let firstBytes = 16 * 1_024

  private func senderSlice(of batch: borrowing SpanBatch) -> TraceBlock.Slice {
    if let sender { return sender }
    encoder.encodeSender(of: batch)
    let slice = block.add(encoder.buffer.bytes)
    sender = slice
    return slice
  }
}

/// What became of the traces of one receiving thread before the store had them.
struct StoredTraceCounts: Sendable, Equatable {
  /// Handed to the store, which may still lose them.
  private(set) var traces: UInt64 = 0
  private(set) var spans: UInt64 = 0
  /// Left out because there were too many.
  private(set) var thinnedTraces: UInt64 = 0
  private(set) var thinnedSpans: UInt64 = 0
  /// Left out because one alone was too large.
  private(set) var tooLargeTraces: UInt64 = 0
  private(set) var tooLargeSpans: UInt64 = 0

  mutating func handedOver(spans count: Int) {
    traces &+= 1
    spans &+= UInt64(count)
  }

  mutating func thinned(spans count: Int) {
    thinnedTraces &+= 1
    thinnedSpans &+= UInt64(count)
  }

  mutating func tooLarge(spans count: Int) {
    tooLargeTraces &+= 1
    tooLargeSpans &+= UInt64(count)
  }

  /// Adds the counts of another thread.
  mutating func add(_ other: StoredTraceCounts) {
    traces &+= other.traces
    spans &+= other.spans
    thinnedTraces &+= other.thinnedTraces
    thinnedSpans &+= other.thinnedSpans
    tooLargeTraces &+= other.tooLargeTraces
    tooLargeSpans &+= other.tooLargeSpans
  }
}

extension TraceBlock {
  fileprivate mutating func add(_ message: UnsafeRawBufferPointer) -> Slice {
    let offset = bytes.count
    bytes.append(contentsOf: message)
    return Slice(offset: Int32(clamping: offset), length: Int32(clamping: message.count))
  }
}
