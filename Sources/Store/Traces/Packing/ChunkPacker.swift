import TraceModel

/// Takes `TraceChunk` messages apart into a block, and finds what their rows say and their words.
struct ChunkPacker: ~Copyable {
  private struct Span: BitwiseCopyable {
    var parentID: UInt64 = 0
    /// As it is written in front of the span.
    var parent = ParentPlace.none
    var startNs: Int64 = 0
    var durationNs: Int64 = 0
    /// Where its remaining fields lie in `rests`.
    var restStart = 0
    var restEnd = 0
    var isError = false
  }

  private var spans = GrowableBuffer<Span>()
  private var ids = GrowableBuffer<UInt64>()
  private var rests = GrowableBuffer<UInt8>()
  private var chunkRest = GrowableBuffer<UInt8>()
  private var places = SpanPlaces()

  /// Appends a chunk to a block.
  /// - Parameter root: which span its row tells of.
  /// - Returns: `nil` when the message is none, and nothing is appended.
  mutating func pack(
    _ message: UnsafeRawBufferPointer, traceIDLow: UInt64, root: Int, into block: inout BlockBuffer,
    words: inout BlockWords
  ) -> PackedChunk? {
    spans.removeAll(keepingBytes: 1 << 18)
    ids.removeAll(keepingBytes: 1 << 16)
    rests.removeAll(keepingBytes: 1 << 18)
    chunkRest.removeAll(keepingBytes: 1 << 16)
    var packed = PackedChunk()
    var fields = ProtobufFields(message)
    while let field = fields.next() {
      if field.tag == 0x1A {
        guard read(field.content, traceIDLow: traceIDLow, isRoot: spans.count == root, &packed, &words) else {
          return nil
        }
      } else {
        chunkRest.append(fields.whole(field))
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
    var id: UInt64 = 0
    span.restStart = rests.count
    // Fields that stay lie side by side; each run of them is copied at once.
    var runStart = 0
    var fields = ProtobufFields(message)
    while let field = fields.next() {
      switch field.tag {
      case 0x20 where field.number == traceIDLow: break
      case 0x28: id = field.number
      case 0x30: span.parentID = field.number
      case 0x38: span.startNs = Int64(bitPattern: field.number)
      case 0x40: span.durationNs = Int64(bitPattern: field.number)
      default:
        let fact = SpanFields.add(field, to: &words)
        if field.tag == 0x48 { span.isError = field.number != 0 }
        if isRoot || fact == .env { note(field, fact, isRoot: isRoot, &packed) }
        continue
      }
      if runStart < field.start { rests.append(UnsafeRawBufferPointer(rebasing: message[runStart..<field.start])) }
      runStart = fields.offset
    }
    guard !fields.isBroken else { return false }
    rests.append(UnsafeRawBufferPointer(rebasing: message[runStart...]))
    span.restEnd = rests.count
    if span.isError { packed.errors &+= 1 }
    packed.startNs = min(packed.startNs, span.startNs)
    let (end, overflow) = span.startNs.addingReportingOverflow(span.durationNs)
    packed.endNs = max(packed.endNs, overflow ? .max : end)
    spans.append(span)
    ids.append(id)
    return true
  }

  /// Takes from a field what the chunk's row says.
  private func note(
    _ field: ProtobufFields.Field, _ fact: BlockWords.Fact, isRoot: Bool, _ packed: inout PackedChunk
  ) {
    switch field.tag {
    case 0x0A: packed.service = field.content
    case 0x12: packed.operation = field.content
    case 0x1A: packed.resource = field.content
    case 0x52 where fact == .env && (isRoot || packed.env.isEmpty): packed.env = SpanFields.entry(field.content).value
    case 0x52 where fact == .status:
      let text = SpanFields.entry(field.content).value
      if let code = Int64(String(decoding: text.prefix(8), as: UTF8.self)) { packed.status = code }
    case 0x5A where fact == .status: note(status: field.content, &packed)
    default: break
    }
  }

  private func note(status entry: UnsafeRawBufferPointer, _ packed: inout PackedChunk) {
    var fields = ProtobufFields(entry)
    guard fields.next() != nil, let value = fields.next(), value.tag == 0x11,
      let code = Int64(exactly: Double(bitPattern: value.number))
    else { return }
    packed.status = code
  }

  private mutating func write(into block: inout BlockBuffer) {
    let numbersStart = block.numbers.count
    var bytes = Varint.length(UInt64(chunkRest.count)) &+ chunkRest.count
    places.begin(spans.count)
    for index in 0..<ids.count { places.insert(ids[index], index) { ids[$0] } }
    for index in 0..<spans.count {
      let span = spans[index]
      var base = index == 0 ? block.baseNs : spans[index &- 1].startNs
      if span.parentID != 0 {
        spans[index].parent = ParentPlace.elsewhere
        if let parent = places.place(of: span.parentID, ids: { ids[$0] }) {
          spans[index].parent = ParentPlace.before(index &- parent)
          if parent < index { base = spans[parent].startNs }
        }
      }
      let rest = span.restEnd &- span.restStart
      bytes &+= Varint.length(spans[index].parent) &+ Varint.length(UInt64(rest)) &+ rest
      block.numbers.append(signed: span.startNs &- base)
      block.numbers.append(signed: span.durationNs)
      if spans[index].parent == ParentPlace.elsewhere { block.numbers.append(varint: span.parentID) }
      withUnsafeBytes(of: ids[index].littleEndian) { block.ids.append(contentsOf: $0) }
    }
    block.texts.append(varint: UInt64(spans.count) &+ 1)
    block.texts.append(varint: UInt64(block.numbers.count &- numbersStart))
    block.texts.append(varint: UInt64(bytes))
    writeTexts(into: &block.texts)
  }

  private func writeTexts(into texts: inout [UInt8]) {
    texts.append(varint: UInt64(chunkRest.count))
    texts.append(contentsOf: UnsafeRawBufferPointer(chunkRest.pointer))
    let rests = UnsafeRawBufferPointer(rests.pointer)
    for index in 0..<spans.count {
      let span = spans[index]
      texts.append(varint: span.parent)
      texts.append(varint: UInt64(span.restEnd &- span.restStart))
      texts.append(contentsOf: UnsafeRawBufferPointer(rebasing: rests[span.restStart..<span.restEnd]))
    }
  }
}
