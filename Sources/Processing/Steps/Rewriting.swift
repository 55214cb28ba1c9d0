import TraceModel

/// Puts rewritten texts into a batch, each text of a request once.
struct Rewriting: ~Copyable, Sendable {
  /// Memory that is kept for the next text.
  private static let keptBytesMax = 65_536

  private var written = GrowableBuffer<UInt8>()
  private var texts = RewrittenTexts()

  /// Forgets what belongs to the request before.
  mutating func begin(_ batch: borrowing SpanBatch) {
    texts.begin(bodyBytes: batch.bodyBytes, areShared: batch.sharesTexts)
  }

  /// Where what `write` makes of a text lies in the batch; `otherwise` where that would be too much.
  /// - Parameters:
  ///   - purpose: what the text is taken for, when one text may be taken for several things.
  ///   - write: appends what becomes of the text; returns false where nothing does, and `otherwise` stands for it.
  @inline(__always) mutating func rewrite(
    _ raw: ByteSlice, _ purpose: UInt32, _ batch: inout SpanBatch, otherwise: StaticString = "?",
    _ write: (UnsafeRawBufferPointer, inout GrowableBuffer<UInt8>) -> Bool
  ) -> ByteSlice {
    if let known = texts.find(raw, purpose) { return known }
    written.removeAll(keepingBytes: Self.keptBytesMax)
    let isWritten = write(batch.bytes(raw), &written)
    let result = isWritten ? add(raw, &batch, otherwise) : batch.addText(otherwise)
    texts.remember(raw, purpose, as: result)
    return result
  }

  private mutating func add(_ raw: ByteSlice, _ batch: inout SpanBatch, _ otherwise: StaticString) -> ByteSlice {
    let bytes = UnsafeRawBufferPointer(written.pointer)
    if ByteString.equal(bytes, batch.bytes(raw)) { return raw }
    // Where the system has no memory for it, it is too much as well.
    guard texts.claim(bytes.count), batch.sideArena.reserve(bytes.count) else { return batch.addText(otherwise) }
    return batch.addBytes(bytes)
  }
}
