/// Two halves of an `AgentPayload`, by traces. Chunks are copied as they are, and each half has what stands around them.
struct TracesSplitting {
  /// Of `AgentPayload`: payloads of tracers in the older and in the indexed form; of these: their chunks; of these: spans.
  private static let fields = [
    5: (chunk: 6, span: 3), 11: (chunk: 11, span: 4),
  ]

  /// A payload of one tracer, and the chunks in it.
  private struct TracerPayload {
    let number: Int
    /// Its fields that are no chunks: language, container and the like.
    var around: [ProtobufFields.Field] = []
    var chunks: [ProtobufFields.Field] = []
  }

  private let bytes: UnsafeRawBufferPointer
  /// What is no payload of a tracer.
  private var around: [ProtobufFields.Field] = []
  private var payloads: [TracerPayload] = []

  /// `nil` when the bytes are no `AgentPayload`, or have fewer than two chunks.
  init?(of bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    guard let all = ProtobufFields.all(of: bytes, 0..<bytes.count) else { return nil }
    for field in all {
      guard let inner = Self.fields[field.number] else {
        around.append(field)
        continue
      }
      guard let parts = ProtobufFields.all(of: bytes, field.content) else { return nil }
      var payload = TracerPayload(number: field.number)
      for part in parts {
        if part.number == inner.chunk { payload.chunks.append(part) } else { payload.around.append(part) }
      }
      payloads.append(payload)
    }
    guard payloads.reduce(0, { $0 + $1.chunks.count }) >= 2 else { return nil }
  }

  /// The bytes of both halves, and what is inside of them.
  func halves() -> [(bytes: [UInt8], counts: PayloadCounts)] {
    let chunks = payloads.flatMap(\.chunks)
    let half = chunks.reduce(0) { $0 + $1.whole.count } / 2
    var (count, size) = (0, 0)
    while count < chunks.count - 1, count == 0 || size + chunks[count].whole.count <= half {
      size += chunks[count].whole.count
      count += 1
    }
    return [part(0..<count), part(count..<chunks.count)]
  }

  /// The payload with these of its chunks only.
  private func part(_ wanted: Range<Int>) -> (bytes: [UInt8], counts: PayloadCounts) {
    var part: [UInt8] = []
    var counts = PayloadCounts()
    for field in around { part += bytes[field.whole] }
    var first = 0
    for payload in payloads {
      let range = wanted.clamped(to: first..<first + payload.chunks.count)
      first += payload.chunks.count
      guard !range.isEmpty else { continue }
      let start = first - payload.chunks.count
      let chunks = payload.chunks[range.lowerBound - start..<range.upperBound - start]
      let fields = payload.around + chunks
      part.append(message: UInt64(payload.number), of: fields.map(\.whole), bytes)
      counts.traces += chunks.count
      counts.spans += chunks.reduce(0) { $0 + spanCount(of: $1, payload.number) }
    }
    return (part, counts)
  }

  private func spanCount(of chunk: ProtobufFields.Field, _ payload: Int) -> Int {
    var fields = ProtobufFields(bytes, chunk.content)
    var count = 0
    while let field = fields.next() {
      if field.number == Self.fields[payload]?.span { count += 1 }
    }
    return count
  }
}
