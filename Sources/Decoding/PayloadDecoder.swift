import TraceModel

/// How much memory one payload may ask for.
///
/// A record is many times larger than the byte that can announce it, and a reference of three bytes to a string of the
/// v0.5 table stands for all of that string, which is written out when the span is sent on. A hostile body of some hundred
/// kilobytes could so ask for gigabytes. Everything that a payload makes us keep or write is therefore charged to one
/// budget. Real payloads need three times their size in v0.5, and less in the other formats.
enum PayloadBudget {
  /// What any payload may ask for.
  static let bytesMin = 64 << 20
  /// What a larger one may ask for, in bytes a byte of its body.
  static let bytesPerBodyByte = 16

  static func bytes(bodyBytes: Int) -> Int { max(bytesMin, bodyBytes * bytesPerBodyByte) }
}

/// State shared by the payload formats: where in the payload the cursor is, for error messages, and the key table.
struct PayloadDecoder: ~Escapable {
  var reader: MessagePackReader
  let keys: KeyTable
  var traceIndex = -1
  var spanIndex = -1
  var field = "traces"
  /// What is left of the `PayloadBudget`.
  private var budget: Int

  @_lifetime(copy body)
  init(_ body: RawSpan, keys: KeyTable) {
    reader = MessagePackReader(body)
    self.keys = keys
    budget = PayloadBudget.bytes(bodyBytes: body.byteCount)
  }

  func located(_ error: ValueError) -> DecodeError {
    error.located(trace: traceIndex, span: spanIndex, field: field)
  }

  /// Takes `bytes` from the budget; refuses the payload when nothing is left.
  @_lifetime(self: copy self)
  @inline(__always) mutating func charge(_ bytes: Int) throws(ValueError) {
    budget &-= bytes
    guard budget >= 0 else { throw ValueError(kind: .tooMany, offset: reader.offset, expected: .fewer, marker: nil) }
  }

  /// Takes the memory of `count` records from the budget. `count` is at most the bytes left in the body.
  @_lifetime(self: copy self)
  @inline(__always) mutating func charge<Record>(_ count: Int, _ record: Record.Type) throws(ValueError) {
    try charge(count &* MemoryLayout<Record>.stride)
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
