import TraceModel

/// Takes `TraceChunk` messages apart into a block, and finds what their rows say and their words.
struct ChunkPacker {
  private struct Span {
    var id: UInt64 = 0
    var parentID: UInt64 = 0
    var startNs: Int64 = 0
    var durationNs: Int64 = 0
    var isError = false
    /// Where its remaining fields lie in `rests`.
    var rest = 0..<0
  }

  private var spans: [Span] = []
  private var rests: [UInt8] = []
  private var chunkRest: [UInt8] = []
  private var frame: [UInt8] = []
  private var places = SpanPlaces()

  /// Appends a chunk to a block.
  /// - Parameter root: which span its row tells of.
  /// - Returns: `nil` when the message is none, and nothing is appended.
  mutating func pack(
    _ message: UnsafeRawBufferPointer, traceIDLow: UInt64, root: Int, into block: inout BlockBuffer,
    words: inout BlockWords
  ) -> PackedChunk? {
    spans.removeAll(keepingCapacity: spans.capacity <= 1 << 12)
    rests.removeAll(keepingCapacity: rests.capacity <= 1 << 18)
    chunkRest.removeAll(keepingCapacity: true)
    var packed = PackedChunk()
    var fields = ProtobufFields(message)
    while let field = fields.next() {
      if field.tag == 0x1A {
        guard read(field.content, traceIDLow: traceIDLow, isRoot: spans.count == root, &packed, &words) else {
          return nil
        }
      } else {
        chunkRest.append(contentsOf: fields.whole(field))
      }
    }
    guard !fields.isBroken, !spans.isEmpty else { return nil }
    packed.spans = spans.count
    if block.ids.isEmpty { block.baseNs = packed.startNs }
    write(into: &block)
    return packed
  }

  private mutating func read(
    _ message: UnsafeRawBufferPointer, traceIDLow: UInt64, isRoot: Bool, _ packed: inout PackedChunk,
    _ words: inout BlockWords
  ) -> Bool {
    var span = Span()
    let restStart = rests.count
    // Fields that stay lie side by side; each run of them is copied at once.
    var runStart = 0
    var fields = ProtobufFields(message)
    while let field = fields.next() {
      switch field.tag {
      case 0x20 where field.number == traceIDLow: break
      case 0x28: span.id = field.number
      case 0x30: span.parentID = field.number
      case 0x38: span.startNs = Int64(bitPattern: field.number)
      case 0x40: span.durationNs = Int64(bitPattern: field.number)
      default:
        SpanFields.add(field, to: &words)
        note(field, isRoot: isRoot, &span.isError, &packed)
        continue
      }
      rests.append(contentsOf: message[runStart..<field.start])
      runStart = fields.offset
    }
    guard !fields.isBroken else { return false }
    rests.append(contentsOf: message[runStart...])
    span.rest = restStart..<rests.count
    if span.isError { packed.errors &+= 1 }
    packed.startNs = min(packed.startNs, span.startNs)
    let (end, overflow) = span.startNs.addingReportingOverflow(span.durationNs)
    packed.endNs = max(packed.endNs, overflow ? .max : end)
    spans.append(span)
    return true
  }

  /// Takes from a field what the chunk's row says.
  @inline(__always)
  private func note(
    _ field: ProtobufFields.Field, isRoot: Bool, _ isError: inout Bool, _ packed: inout PackedChunk
  ) {
    switch field.tag {
    case 0x0A where isRoot: packed.service = field.content
    case 0x12 where isRoot: packed.operation = field.content
    case 0x1A where isRoot: packed.resource = field.content
    case 0x48: isError = field.number != 0
    case 0x52 where isRoot || packed.env.isEmpty: note(meta: field.content, isRoot: isRoot, &packed)
    case 0x5A where isRoot: note(metric: field.content, &packed)
    default: break
    }
  }

  private func note(meta entry: UnsafeRawBufferPointer, isRoot: Bool, _ packed: inout PackedChunk) {
    let (key, value) = SpanFields.entry(entry)
    if ByteString.equal(key, "env") { packed.env = value }
    if isRoot, Self.isStatus(key), let code = Int64(String(decoding: value.prefix(8), as: UTF8.self)) {
      packed.status = code
    }
  }

  private func note(metric entry: UnsafeRawBufferPointer, _ packed: inout PackedChunk) {
    var fields = ProtobufFields(entry)
    guard let key = fields.next(), key.tag == 0x0A, Self.isStatus(key.content), let value = fields.next(),
      value.tag == 0x11, let code = Int64(exactly: Double(bitPattern: value.number))
    else { return }
    packed.status = code
  }

  /// Whether a tag is the status of an HTTP answer.
  private static func isStatus(_ key: UnsafeRawBufferPointer) -> Bool {
    ByteString.equal(key, "http.status_code") || ByteString.equal(key, "http.response.status_code")
  }

  private mutating func write(into block: inout BlockBuffer) {
    places.begin(spans.count)
    for (index, span) in spans.enumerated() { places.insert(span.id, index) { spans[$0].id } }
    let numbersStart = block.numbers.count
    frame.removeAll(keepingCapacity: frame.capacity <= 1 << 18)
    frame.append(varint: UInt64(chunkRest.count))
    frame.append(contentsOf: chunkRest)
    for (index, span) in spans.enumerated() {
      var base = index == 0 ? block.baseNs : spans[index &- 1].startNs
      var isElsewhere = false
      if span.parentID == 0 {
        frame.append(varint: ParentPlace.none)
      } else if let parent = places.place(of: span.parentID, ids: { spans[$0].id }) {
        frame.append(varint: ParentPlace.before(index &- parent))
        if parent < index { base = spans[parent].startNs }
      } else {
        frame.append(varint: ParentPlace.elsewhere)
        isElsewhere = true
      }
      block.numbers.append(signed: span.startNs &- base)
      block.numbers.append(signed: span.durationNs)
      if isElsewhere { block.numbers.append(varint: span.parentID) }
      withUnsafeBytes(of: span.id.littleEndian) { block.ids.append(contentsOf: $0) }
      frame.append(varint: UInt64(span.rest.count))
      frame.append(contentsOf: rests[span.rest])
    }
    block.texts.append(varint: UInt64(spans.count) &+ 1)
    block.texts.append(varint: UInt64(block.numbers.count &- numbersStart))
    block.texts.append(varint: UInt64(frame.count))
    block.texts.append(contentsOf: frame)
  }
}
