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
  /// One that is measured to be larger is not even encoded. Measures are too high, most of all of many small spans.
  static let measuredBytesMax = 2 * chunkBytesMax

  private var encoder = TracerPayloadEncoder()
  private let storing: TraceStoring
  private var block = TraceBlock()
  /// Blocks that the payload at hand has filled.
  private var full: [TraceBlock] = []
  private var payloadBytes = 0
  /// For which the store had place when the payload came; what is beyond, as it is more than was measured, is thinned.
  private var payloadBytesMax = 0
  /// Bytes of what was chosen that `thinning` knows of, and that are not in a block that is on its way to the store.
  private var announcedBytes = 0
  /// The chunks of the batch at hand: as what each is wanted that is not yet taken.
  private var wanted = GrowableBuffer<TraceThinning.Choice>()
  /// When the batch at hand came, in seconds since 1970.
  private var second: Int64 = 0
  private var size = EncodedSize()
  private var sender: TraceBlock.Slice?
  private(set) var counts = StoredTraceCounts()

  init(_ storing: TraceStoring) { self.storing = storing }

  /// Decides which chunks of a batch to keep. To be called before anything encodes them.
  /// - Parameter bodyBytes: of the request.
  func begin(_ batch: borrowing SpanBatch, bodyBytes: Int, nowNs: Int64) {
    wanted.removeAll(keepingBytes: 1 << 16)
    sender = nil
    payloadBytes = 0
    guard storing.isOpen else { return }
    second = nowNs / 1_000_000_000
    size.measure(batch, bodyBytes: bodyBytes, place: TraceStoring.capacity / 4 * 3 - storing.waitingBytes)
    storing.thinning.withLock { thinning in
      announce(to: &thinning)
      let chosenBefore = thinning.chosenBytes
      // Under the lock: what another thread hands over meanwhile is in one of both numbers at least.
      thinning.begin(
        payload: TraceThinning.Load(spans: size.spans, bytes: size.total), waiting: storing.waitingBytes,
        second: second)
      payloadBytesMax = thinning.free
      for index in 0..<batch.chunks.count {
        let chunk = batch.chunks[index]
        wanted.append(chunk.isRemoved ? .leftOut : choice(chunk, bytes: size.chunks[index], batch, &thinning))
      }
      announcedBytes += thinning.chosenBytes - chosenBefore
    }
  }

  /// A chunk that an output has encoded.
  func take(chunk index: Int, message: UnsafeRawBufferPointer, of batch: borrowing SpanBatch) {
    guard index < wanted.count, wanted[index] != .leftOut else { return }
    append(chunk: index, message: message, of: batch)
    wanted[index] = .leftOut
  }

  /// Encodes what is wanted and no output has encoded. Returns the blocks that are full.
  func end(_ batch: borrowing SpanBatch) -> [TraceBlock] {
    for index in 0..<wanted.count where wanted[index] != .leftOut {
      guard payloadBytes < payloadBytesMax else {
        leaveOut(batch.chunks[index])
        continue
      }
      encoder.encode(chunk: index, of: batch)
      // Copied first, because the sender is written by the same encoder.
      append(chunk: index, message: encoder.buffer.bytes, of: batch)
    }
    wanted.removeAll(keepingBytes: 1 << 16)
    size.removeAll()
    encoder.removeAll()
    // After a small payload it can wait for the next one.
    if !full.isEmpty || announcedBytes > Self.blockBytesMax { storing.thinning.withLock { announce(to: &$0) } }
    defer { full = [] }
    return full
  }

  /// What has been gathered, to be handed over; `nil` when there is nothing.
  func takeBlock() -> TraceBlock? {
    guard !block.chunks.isEmpty else { return nil }
    storing.thinning.withLock { announce(to: &$0) }
    defer {
      block = TraceBlock()
      announcedBytes = 0
    }
    return block
  }

  /// Puts what blocks take in place of what was measured. Blocks that are full go to the store, which takes them off.
  private func announce(to thinning: inout TraceThinning) {
    let bytes = block.memoryBytes
    thinning.add(chosenBytes: full.reduce(bytes) { $0 + $1.memoryBytes } - announcedBytes)
    announcedBytes = bytes
  }

  private func choice(
    _ chunk: ChunkRecord, bytes: Int, _ batch: borrowing SpanBatch, _ thinning: inout TraceThinning
  ) -> TraceThinning.Choice {
    let spans = Int(chunk.spans.count)
    guard bytes <= Self.measuredBytesMax else {
      counts.tooLarge(spans: spans)
      return .leftOut
    }
    let root = batch.spans[Int(chunk.root)]
    let candidate = TraceThinning.Candidate(
      traceID: root.traceID, load: TraceThinning.Load(spans: spans, bytes: bytes), durationNs: root.durationNs)
    let choice = thinning.takes(candidate) { key in
      append(batch.bytes(root.service), to: &key)
      append(batch.bytes(root.name), to: &key)
      append(batch.bytes(root.resource), to: &key)
      return TraceThinning.Details(
        hash: storing.seed.hash(UnsafeRawBufferPointer(key.pointer)), hasError: hasError(chunk, batch))
    }
    if choice == .leftOut { counts.thinned(spans: spans) }
    return choice
  }

  private func append(_ text: UnsafeRawBufferPointer, to key: inout GrowableBuffer<UInt8>) {
    key.append(contentsOf: text.bindMemory(to: UInt8.self))
    // Stands in no text.
    key.append(0xFF)
  }

  private func leaveOut(_ chunk: ChunkRecord) {
    counts.thinned(spans: Int(chunk.spans.count))
    storing.thinning.withLock { $0.leaveOut() }
  }

  private func hasError(_ chunk: ChunkRecord, _ batch: borrowing SpanBatch) -> Bool {
    for index in chunk.spans.range where batch.spans[index].error != 0 { return true }
    return false
  }

  /// A chunk that is larger than was measured, and too large to keep.
  private func refuse(chunk index: Int, spans: Int) {
    counts.tooLarge(spans: spans)
    let load = TraceThinning.Load(spans: spans, bytes: size.chunks[index])
    storing.thinning.withLock { $0.giveBack(load, taken: wanted[index], second: second) }
  }

  private func append(chunk index: Int, message: UnsafeRawBufferPointer, of batch: borrowing SpanBatch) {
    let chunk = batch.chunks[index]
    guard message.count <= Self.chunkBytesMax else { return refuse(chunk: index, spans: Int(chunk.spans.count)) }
    let bytes = message.count + MemoryLayout<TraceBlock.Chunk>.stride
    guard payloadBytes + bytes <= payloadBytesMax else { return leaveOut(chunk) }
    payloadBytes += bytes
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
    payloadBytes += Int(slice.length)
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
