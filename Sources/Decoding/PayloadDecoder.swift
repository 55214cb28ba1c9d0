import TraceModel

/// How much one payload may carry. A record is many times larger than the byte or two that can announce it, so a hostile
/// body of 25 MiB could otherwise ask for gigabytes. Real payloads stay far below: a span rarely takes 100 bytes.
enum PayloadLimits {
  /// Spans, and traces.
  static let spansMax = 1_000_000
  /// Attributes of one kind, links, events, or strings of a table.
  static let attributesMax = 4_000_000
}

/// State shared by the payload formats: where in the payload the cursor is, for error messages, and the key table.
struct PayloadDecoder: ~Escapable {
  var reader: MessagePackReader
  let keys: KeyTable
  var traceIndex = -1
  var spanIndex = -1
  var field = "traces"

  @_lifetime(copy body)
  init(_ body: RawSpan, keys: KeyTable) {
    reader = MessagePackReader(body)
    self.keys = keys
  }

  func located(_ error: ValueError) -> DecodeError {
    error.located(trace: traceIndex, span: spanIndex, field: field)
  }

  /// Refuses the payload when it carries more than `PayloadLimits` allow.
  @inline(__always) func requireRoom(_ isRoom: Bool) throws(ValueError) {
    guard isRoom else { throw ValueError(kind: .tooMany, offset: reader.offset, expected: .fewer, marker: nil) }
  }

  /// A text value as a slice of the body; when it is not UTF-8, of a repaired copy.
  @_lifetime(self: copy self)
  @inline(__always) mutating func readText(_ batch: inout SpanBatch) throws(ValueError) -> ByteSlice {
    let (start, length) = try reader.readRawString()
    let slice = ByteSlice(bodyOffset: start, length: length)
    if unsafe ByteString.isASCII(batch.bytes(slice)) { return slice }
    return Self.validated(slice, &batch)
  }

  /// The slice itself when it holds UTF-8, else a repaired copy.
  static func validated(_ slice: ByteSlice, _ batch: inout SpanBatch) -> ByteSlice {
    let bytes = unsafe batch.bytes(slice)
    var offset = 0
    while offset < bytes.count {
      let length = unsafe ByteString.characterLength(bytes, at: offset)
      if length == 0 { return unsafe batch.addRepairedUTF8(bytes) }
      offset += length
    }
    return slice
  }
}
