/// Two halves of an `ExportTraceServiceRequest`, span by span: OpenTelemetry's receivers put traces together themselves.
/// Spans are copied as they are, and each half has what stands around them.
struct OTLPSplitting {
  /// A span, and in which `ResourceSpans` and `ScopeSpans` it is.
  private struct Place {
    let resource: Int
    let scope: Int
    let span: ProtobufFields.Field
    let trace: Range<Int>
  }

  private struct Part {
    var around: [ProtobufFields.Field] = []
  }

  private let bytes: UnsafeRawBufferPointer
  /// What stands in each `ResourceSpans` besides its scopes, and in each `ScopeSpans` besides its spans.
  private var resources: [Part] = []
  private var scopes: [Part] = []
  private var spans: [Place] = []

  /// `nil` when the bytes are no such request, or have fewer than two spans.
  init?(of bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    guard let all = ProtobufFields.all(of: bytes, 0..<bytes.count), all.allSatisfy({ $0.number == 1 }) else {
      return nil
    }
    for field in all where !addResource(field) { return nil }
    guard spans.count >= 2 else { return nil }
  }

  private mutating func addResource(_ field: ProtobufFields.Field) -> Bool {
    guard let parts = ProtobufFields.all(of: bytes, field.content) else { return false }
    resources.append(Part(around: parts.filter { $0.number != 2 }))
    for scope in parts where scope.number == 2 {
      guard let members = ProtobufFields.all(of: bytes, scope.content) else { return false }
      scopes.append(Part(around: members.filter { $0.number != 2 }))
      for span in members where span.number == 2 {
        var fields = ProtobufFields(bytes, span.content)
        var trace = 0..<0
        while let member = fields.next() { if member.number == 1 { trace = member.content } }
        spans.append(Place(resource: resources.count - 1, scope: scopes.count - 1, span: span, trace: trace))
      }
    }
    return true
  }

  /// The bytes of both halves, and what is inside of them. They part between two traces where there are several.
  ///
  /// - Parameter counts: of the whole. Its traces are chunks, of which several may have one id, so that a half gets as many of
  ///   them as it has of the spans.
  func halves(of counts: PayloadCounts) -> [(bytes: [UInt8], counts: PayloadCounts)] {
    let half = spans.reduce(0) { $0 + $1.span.whole.count } / 2
    var (middle, size) = (1, spans[0].span.whole.count)
    while middle < spans.count - 1, size + spans[middle].span.whole.count <= half {
      size += spans[middle].span.whole.count
      middle += 1
    }
    let cut = start(ofTraceNearest: middle) ?? middle
    let share = Double(counts.traces) * Double(cut) / Double(spans.count)
    let first = PayloadCounts(traces: Int(exactly: share.rounded(.up)) ?? counts.traces, spans: cut)
    let second = PayloadCounts(traces: max(0, counts.traces - first.traces), spans: spans.count - cut)
    return [(part(0..<cut), first), (part(cut..<spans.count), second)]
  }

  /// Where another trace begins than that of the span before; `nil` when all are of one.
  private func start(ofTraceNearest middle: Int) -> Int? {
    for distance in 0..<spans.count {
      for place in [middle - distance, middle + distance]
      where (1..<spans.count).contains(place) && !isSameTrace(spans[place - 1], spans[place]) {
        return place
      }
    }
    return nil
  }

  private func isSameTrace(_ one: Place, _ other: Place) -> Bool {
    bytes[one.trace].elementsEqual(bytes[other.trace])
  }

  /// The request with these of its spans only.
  private func part(_ wanted: Range<Int>) -> [UInt8] {
    var request: [UInt8] = []
    for group in Self.runs(of: spans[wanted], by: \.resource) {
      var content: [UInt8] = []
      for field in resources[group[group.startIndex].resource].around { content += bytes[field.whole] }
      for run in Self.runs(of: group, by: \.scope) {
        let fields = scopes[run[run.startIndex].scope].around + run.map(\.span)
        content.append(message: 2, of: fields.map(\.whole), bytes)
      }
      request.append(varint: 1 << 3 | 2)
      request.append(varint: UInt64(content.count))
      request += content
    }
    return request
  }

  /// Neighbours that have the same number, as slices.
  private static func runs(of places: ArraySlice<Place>, by number: KeyPath<Place, Int>) -> [ArraySlice<Place>] {
    var runs: [ArraySlice<Place>] = []
    var start = places.startIndex
    for index in places.indices {
      let next = index + 1
      guard next == places.endIndex || places[next][keyPath: number] != places[index][keyPath: number] else { continue }
      runs.append(places[start..<next])
      start = next
    }
    return runs
  }
}

extension [UInt8] {
  /// Appends a number in groups of seven bits, the lowest first.
  mutating func append(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }

  /// Appends a nested message made of fields that are copied.
  mutating func append(message number: UInt64, of fields: [Range<Int>], _ bytes: UnsafeRawBufferPointer) {
    append(varint: number << 3 | 2)
    append(varint: UInt64(fields.reduce(0) { $0 + $1.count }))
    for field in fields { self += bytes[field] }
  }
}
