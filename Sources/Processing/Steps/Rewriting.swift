import Patterns
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

  /// Where a text lies in the batch after `replace` has worked on it: where it was when nothing in it is replaced, and a
  /// `?` where it could not be told what is to be replaced, so that no secret stays.
  mutating func replace(
    _ raw: ByteSlice, _ purpose: UInt32, _ batch: inout SpanBatch,
    _ replace: (UnsafeRawBufferPointer, inout GrowableBuffer<UInt8>) -> ReplacingOutcome
  ) -> ByteSlice {
    if let known = texts.find(raw, purpose) { return known }
    written.removeAll(keepingBytes: Self.keptBytesMax)
    let result =
      switch replace(batch.bytes(raw), &written) {
      case .unchanged: raw
      case .replaced: add(raw, &batch, "?")
      case .undecided: batch.addText("?")
      }
    texts.remember(raw, purpose, as: result)
    return result
  }

  /// Where the text lies that `replace` makes of bytes outside of the batch; `nil` when nothing in them is replaced.
  mutating func replace(
    _ bytes: UnsafeRawBufferPointer, _ batch: inout SpanBatch,
    _ replace: (UnsafeRawBufferPointer, inout GrowableBuffer<UInt8>) -> ReplacingOutcome
  ) -> ByteSlice? {
    written.removeAll(keepingBytes: Self.keptBytesMax)
    switch replace(bytes, &written) {
    case .unchanged: return nil
    case .replaced: return add(.empty, &batch, "?")
    case .undecided: return batch.addText("?")
    }
  }

  private mutating func add(_ raw: ByteSlice, _ batch: inout SpanBatch, _ otherwise: StaticString) -> ByteSlice {
    let bytes = UnsafeRawBufferPointer(written.pointer)
    if ByteString.equal(bytes, batch.bytes(raw)) { return raw }
    // Where the system has no memory for it, it is too much as well.
    guard texts.claim(bytes.count), batch.sideArena.reserve(bytes.count) else { return batch.addText(otherwise) }
    return batch.addBytes(bytes)
  }
}
