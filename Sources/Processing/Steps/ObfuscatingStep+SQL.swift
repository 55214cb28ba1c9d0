import Obfuscation
import TraceModel

extension ObfuscatingStep {
  /// Tags that hold a statement beside the resource.
  private static let statementKeys: [KnownKey] = [.sqlQuery, .dbStatement, .dbQueryText]

  /// Rewrites a span's statement, wherever it stands: as the resource, and in the tags for statements.
  ///
  /// As in the Datadog agent, the obfuscated resource goes into `sql.query`, too; a span without a resource is left
  /// alone.
  func obfuscateSQL(
    _ batch: inout SpanBatch, _ index: Int, _ obfuscator: inout Obfuscator, _ out: inout GrowableBuffer<UInt8>
  ) {
    let span = batch.spans[index]
    let raw = span.resource
    guard !raw.isEmpty else { return }
    let dialect = batch.meta(.dbType, of: span).map { SQLDialect(name: TextBytes(batch.bytes($0))) } ?? .generic
    let resource = statement(raw, dialect, &batch, &obfuscator, &out)
    batch.spans[index].resource = resource
    if options.sql.collectsTableNames {
      out.removeAll(keepingBytes: Self.keptBytesMax)
      obfuscator.appendTableNames(to: &out)
      if !out.isEmpty {
        let tables = batch.addBytes(UnsafeRawBufferPointer(out.pointer))
        batch.setMeta(.sqlTables, "sql.tables", tables, ofSpanAt: index)
      }
    }
    for key in Self.statementKeys {
      guard let entry = batch.metaIndex(key, of: batch.spans[index]) else { continue }
      let value = batch.meta[entry].value
      if value.isEmpty {
        if key == .sqlQuery { batch.removeMeta(key, ofSpanAt: index) }
      } else {
        batch.meta[entry].value =
          batch.equal(value, raw) ? resource : statement(value, dialect, &batch, &obfuscator, &out)
      }
    }
    if batch.meta(.sqlQuery, of: batch.spans[index]) == nil {
      batch.setMeta(.sqlQuery, "sql.query", resource, ofSpanAt: index)
    }
  }

  /// What a statement comes to: a text of the batch.
  private func statement(
    _ raw: ByteSlice, _ dialect: SQLDialect, _ batch: inout SpanBatch, _ obfuscator: inout Obfuscator,
    _ out: inout GrowableBuffer<UInt8>
  ) -> ByteSlice {
    out.removeAll(keepingBytes: Self.keptBytesMax)
    let text = batch.bytes(raw)
    guard obfuscator.appendSQL(TextBytes(text), dialect: dialect, to: &out) else {
      return batch.addText(Obfuscator.unreadableStatement)
    }
    let written = UnsafeRawBufferPointer(out.pointer)
    return ByteString.equal(written, text) ? raw : batch.addBytes(written)
  }
}
