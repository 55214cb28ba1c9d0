import Obfuscation
import TraceModel

extension ObfuscatingStep {
  /// What a resource of commands is taken for, where known keys stand for texts of tags.
  private static let commandNames: UInt32 = 1 << 16

  /// Reduces the resource of a span of Redis or Valkey to the names of its commands.
  func quantize(
    _ batch: inout SpanBatch, _ index: Int, _ obfuscator: inout Obfuscator, _ rewriting: inout Rewriting
  ) {
    let raw = batch.spans[index].resource
    batch.spans[index].resource = commandNames(in: raw, &batch, &obfuscator, &rewriting)
    batch.changeOwnName(ofSpanAt: index) { commandNames(in: $0, &$1, &obfuscator, &rewriting) }
  }

  private func commandNames(
    in raw: ByteSlice, _ batch: inout SpanBatch, _ obfuscator: inout Obfuscator, _ rewriting: inout Rewriting
  ) -> ByteSlice {
    rewriting.rewrite(raw, Self.commandNames, &batch) { text, out in
      obfuscator.appendCommandNames(TextBytes(text), to: &out)
      return true
    }
  }

  /// Hides the values in the commands of a span, in the tag of Datadog's tracers and in those of OpenTelemetry.
  func hideCommands(
    _ key: KnownKey, of store: Obfuscator.CommandStore, _ batch: inout SpanBatch, _ index: Int,
    _ obfuscator: inout Obfuscator, _ rewriting: inout Rewriting
  ) {
    hideCommands(in: key, of: store, &batch, index, &obfuscator, &rewriting)
    for other in Self.openTelemetryKeys { hideCommands(in: other, of: store, &batch, index, &obfuscator, &rewriting) }
  }

  private func hideCommands(
    in key: KnownKey, of store: Obfuscator.CommandStore, _ batch: inout SpanBatch, _ index: Int,
    _ obfuscator: inout Obfuscator, _ rewriting: inout Rewriting
  ) {
    guard let entry = batch.metaIndex(key, of: batch.spans[index]) else { return }
    let raw = batch.meta[entry].value
    if raw.isEmpty { return }
    let size = Self.size(batch.spans[index].metrics, batch.spans[index].meta, batch)
    batch.meta[entry].value = rewriting.rewrite(raw, Self.purpose(key, size), &batch) { text, out in
      obfuscator.appendCommands(TextBytes(text), of: store, size: size, to: &out)
      return true
    }
  }

  /// What the tracer says of how much the commands hold: Python's and PHP's as numbers, Go's as texts.
  private static func size(
    _ metrics: IndexRange, _ meta: IndexRange, _ batch: borrowing SpanBatch
  ) -> CommandSize {
    var size = CommandSize.unknown
    for entry in metrics.range where batch.metrics[entry].known == .unknown {
      guard let count = Int(exactly: batch.metrics[entry].value) else { continue }
      if isKey(batch.metrics[entry].key, "pipeline_length", batch) { return .commands(count) }
      if isKey(batch.metrics[entry].key, "args_length", batch) { size = .words(count) }
    }
    for entry in meta.range where batch.meta[entry].known == .unknown && batch.meta[entry].value.length < 10 {
      let isPipeline = isKey(batch.meta[entry].key, "pipeline_length", batch)
      guard isPipeline || isKey(batch.meta[entry].key, "args_length", batch),
        let count = Int(String(decoding: batch.bytes(batch.meta[entry].value), as: UTF8.self))
      else { continue }
      if isPipeline { return .commands(count) }
      size = .words(count)
    }
    return size
  }

  /// Whether a key is `redis.` or `valkey.` and this name.
  private static func isKey(_ key: ByteSlice, _ name: StaticString, _ batch: borrowing SpanBatch) -> Bool {
    let prefixLength = Int(key.length) &- name.utf8CodeUnitCount
    guard prefixLength == 6 || prefixLength == 7 else { return false }
    let bytes = batch.bytes(key)
    let prefix = UnsafeRawBufferPointer(rebasing: bytes[..<prefixLength])
    return ByteString.equal(UnsafeRawBufferPointer(rebasing: bytes[prefixLength...]), name)
      && (ByteString.equal(prefix, "redis.") || ByteString.equal(prefix, "valkey."))
  }

  /// One text may come to different things where tracers say different things of it.
  private static func purpose(_ key: KnownKey, _ size: CommandSize) -> UInt32 {
    let words: UInt32 = 1 << 28
    let commands: UInt32 = 1 << 29
    let countMax = 0xFFFF
    return switch size {
    case .unknown: UInt32(key.rawValue)
    case .words(let count): UInt32(key.rawValue) | words | UInt32(max(0, min(count, countMax))) << 10
    case .commands(let count): UInt32(key.rawValue) | commands | UInt32(max(0, min(count, countMax))) << 10
    }
  }
}
