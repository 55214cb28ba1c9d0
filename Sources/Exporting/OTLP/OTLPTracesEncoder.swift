import TraceModel

/// Writes kept chunks of a batch as `ResourceSpans`, field 1 of OpenTelemetry's `ExportTraceServiceRequest`: what
/// decoding makes of OTLP, the other way round, so that what came as OTLP leaves as it came.
///
/// Spans of one service, environment and version share a `ResourceSpans`, of several traces too. Field numbers are those
/// of `opentelemetry/proto/trace/v1/trace.proto`. Tags below are `number << 3 | wire type`.
package struct OTLPTracesEncoder: ~Copyable, Sendable {
  package internal(set) var buffer = ReverseProtobufBuffer()
  /// What is said of a host where spans say nothing: of the agent's.
  let identity: AgentIdentity
  /// The `ResourceSpans` that is being written.
  private var open = OTLPGroup()
  /// Attributes of a resource that came as OTLP, as the first span of the open one has them, in their order.
  var resource = GrowableBuffer<MetaEntry>()
  /// What spans say that have `SpanBatch.sharedMeta`, besides what the resource says; `nil` where some of it stands neither
  /// there nor here.
  var sharedFacts: SharedFacts?
  /// What the resource says of environment and version, where decoding looks for them.
  var saidEnv = ByteSlice.empty
  var saidVersion = ByteSlice.empty
  var addedMeanings = AddedMeanings()
  /// Which spans of the chunk at hand are written.
  private var isWritten = GrowableBuffer<Bool>()
  /// Spans of a chunk of many services, in the order in which they are written.
  private var places = GrowableBuffer<Place>()
  /// Resources written since the last `removeAll`, and their bytes.
  private var resourceCount = 0
  private var resourceBytes = 0
  /// Events and links that tracers write as JSON into tags.
  var tape = JSONTape()
  /// Elements of lists of the tape, the first ones first.
  var elements = GrowableBuffer<Int32>()

  /// - Parameter identity: whose host and environment spans get that say nothing of theirs.
  package init(identity: AgentIdentity) { self.identity = identity }

  /// Forgets what was written, once it is used; gives memory back after a huge payload.
  package mutating func removeAll() {
    buffer.removeAll()
    resource.removeAll(keepingBytes: Self.bytesKept)
    isWritten.removeAll(keepingBytes: Self.bytesKept)
    places.removeAll(keepingBytes: Self.bytesKept)
    (resourceCount, resourceBytes) = (0, 0)
    elements.removeAll(keepingBytes: Self.bytesKept)
    tape.removeAll()
  }

  /// Memory kept for each list from one batch to the next.
  private static let bytesKept = 1 << 16
  /// Services of a chunk whose spans are looked for one after the other. Those of further ones are sorted, so that many
  /// services cost no more than many spans.
  private static let groupsMax = 16
  /// What all resources of a batch may have, besides what each of them may. A client chooses both how large its resource
  /// is and how often it is written.
  private static let resourceBytesMax = 1 << 20
  private static let bytesPerResource = 1 << 10

  /// Writes the chunks of `range` that are kept, from its end, as many as fit `bytesMax`; at least one, however large.
  ///
  /// - Returns: what of `range` was neither written nor passed over, and what was written. The bytes are in `buffer`,
  ///   including field tag and length within the request; nothing when no chunk was kept.
  package mutating func encode(
    _ batch: borrowing SpanBatch, chunks range: Range<Int>, bytesMax: Int
  ) -> (rest: Range<Int>, counts: TracerPayloadEncoder.Counts) {
    buffer.removeAll()
    open = OTLPGroup()
    // It is looked at for what came as OTLP only.
    if batch.payload.isOTLP { addedMeanings.removeAll() }
    var counts = TracerPayloadEncoder.Counts()
    var index = range.upperBound
    while index > range.lowerBound {
      let chunk = batch.chunks[index &- 1]
      if chunk.isKept {
        let (mark, before) = (buffer.count, open)
        encode(chunk, batch)
        if counts.traces > 0, buffer.count > bytesMax {
          buffer.removeFront(since: mark)
          restore(before, batch)
          break
        }
        counts.traces &+= 1
        counts.spans &+= chunk.sentSpanCount
      }
      index &-= 1
    }
    closeResource(batch)
    return (range.lowerBound..<index, counts)
  }

  /// Writes the spans of a chunk service by service, those of the open group first.
  private mutating func encode(_ chunk: ChunkRecord, _ batch: borrowing SpanBatch) {
    let context = ChunkContext(
      traceIDHigh: batch.traceIDHigh(of: chunk), isSampled: chunk.sentPriority > 0, isOTLP: batch.payload.isOTLP)
    let spans = chunk.spans.range
    isWritten.truncate(to: 0)
    isWritten.append(repeating: false, count: spans.count)
    open.round = -1
    var left = spans.count
    var round = 0
    while left > 0, round < Self.groupsMax {
      var index = spans.upperBound
      while index > spans.lowerBound, left > 0 {
        index &-= 1
        let place = index &- spans.lowerBound
        if isWritten[place] { continue }
        let span = batch.spans[index]
        if !chunk.sends(span) {
          isWritten[place] = true
          left &-= 1
          continue
        }
        let group = OTLPGroup(of: span, at: index, batch)
        let isOpen = open.hasResource(of: group, batch)
        // In the first round those of the open one are looked for, in each later one those of another one.
        if !isOpen, round == 0 ? open.isOpen : open.round == round { continue }
        encode(span, of: group, isOpen: isOpen, context, batch)
        open.round = round
        isWritten[place] = true
        left &-= 1
      }
      round &+= 1
    }
    if left > 0 { encodeSorted(chunk, context, batch) }
  }

  /// Writes what is left of a chunk of many services.
  private mutating func encodeSorted(_ chunk: ChunkRecord, _ context: ChunkContext, _ batch: borrowing SpanBatch) {
    let spans = chunk.spans.range
    places.truncate(to: 0)
    for index in spans where !isWritten[index &- spans.lowerBound] && chunk.sends(batch.spans[index]) {
      let group = OTLPGroup(of: batch.spans[index], at: index, batch)
      places.append(Place(group: group.sum(batch), span: index))
    }
    var inOrder = UnsafeMutableBufferPointer(mutating: places.pointer)
    inOrder.sort { ($0.group, $0.span) < ($1.group, $1.span) }
    var next = places.count
    while next > 0 {
      next &-= 1
      let index = places[next].span
      let span = batch.spans[index]
      let group = OTLPGroup(of: span, at: index, batch)
      encode(span, of: group, isOpen: open.hasResource(of: group, batch), context, batch)
    }
  }

  /// - Parameter isOpen: the resource of the span's group is the open one.
  private mutating func encode(
    _ span: SpanRecord, of group: OTLPGroup, isOpen: Bool, _ context: ChunkContext, _ batch: borrowing SpanBatch
  ) {
    if !isOpen {
      closeResource(batch)
      begin(group, batch)
    } else if !open.hasScope(of: group, batch) {
      closeScope(batch)
      open.takeScope(of: group, mark: buffer.count)
    }
    encode(span, context, batch)
  }

  private mutating func begin(_ group: OTLPGroup, _ batch: borrowing SpanBatch) {
    open = group
    (open.resourceMark, open.scopeMark) = (buffer.count, buffer.count)
    takeResource(ofSpanAt: group.span, batch)
  }

  /// Goes on with a group that was open before.
  private mutating func restore(_ group: OTLPGroup, _ batch: borrowing SpanBatch) {
    let isSame = open.span == group.span
    open = group
    if group.isOpen, !isSame { takeResource(ofSpanAt: group.span, batch) }
  }

  /// The fields of a `ScopeSpans` in front of its spans.
  private mutating func closeScope(_ batch: borrowing SpanBatch) {
    if !open.scopeName.isEmpty || !open.scopeVersion.isEmpty {
      let mark = buffer.count
      buffer.prepend(field: 0x12, text: open.scopeVersion, of: batch)
      buffer.prepend(field: 0x0A, text: open.scopeName, of: batch)
      buffer.closeMessage(field: 0x0A, since: mark)
    }
    buffer.closeMessage(field: 0x12, since: open.scopeMark)
  }

  /// Ends the open `ResourceSpans`, if there is one.
  private mutating func closeResource(_ batch: borrowing SpanBatch) {
    guard open.isOpen else { return }
    closeScope(batch)
    let mark = buffer.count
    if resourceBytes <= Self.resourceBytesMax &+ resourceCount &* Self.bytesPerResource {
      encodeResource(open, batch)
    } else {
      encodeShortResource(open, batch)
    }
    resourceCount &+= 1
    resourceBytes &+= buffer.count &- mark
    buffer.closeMessage(field: 0x0A, since: mark)
    buffer.closeMessage(field: 0x0A, since: open.resourceMark)
    open = OTLPGroup()
  }

  /// Notes which attributes of the resource a span has.
  private mutating func takeResource(ofSpanAt index: Int, _ batch: borrowing SpanBatch) {
    resource.truncate(to: 0)
    sharedFacts = nil
    (saidEnv, saidVersion) = (.empty, .empty)
    let place = batch.payload.resource
    if place.isEmpty { return }
    for index in batch.spans[index].meta.range {
      let entry = batch.meta[index]
      if entry.known != .removed, place.holdsBeginning(of: entry.key) { resource.append(entry) }
    }
    sharedFacts = SharedFacts(resource, batch)
    let env = said("deployment.environment.name", batch)
    saidEnv = env.isEmpty ? said("deployment.environment", batch) : env
    saidVersion = said("service.version", batch)
  }

  /// Environment and version, as decoding puts them behind the attributes of a resource.
  struct SharedFacts: BitwiseCopyable {
    private(set) var env = ByteSlice.empty
    private(set) var version = ByteSlice.empty

    init?(_ resource: borrowing GrowableBuffer<MetaEntry>, _ batch: borrowing SpanBatch) {
      var next = 0
      for index in batch.sharedMeta.range {
        let entry = batch.meta[index]
        if next < resource.count, entry == resource[next] {
          next += 1
        } else if entry.key.isInSideArena, entry.known == .env {
          env = entry.value
        } else if entry.key.isInSideArena, entry.known == .version {
          version = entry.value
        } else {
          return nil
        }
      }
      if batch.sharedMeta.isEmpty { return nil }
    }
  }

  /// A span of a chunk. Spans of one group have the same sum.
  private struct Place: BitwiseCopyable {
    let group: UInt64
    let span: Int
  }

  /// What is the same for all spans of a chunk.
  struct ChunkContext {
    let traceIDHigh: UInt64
    let isSampled: Bool
    let isOTLP: Bool
  }
}
