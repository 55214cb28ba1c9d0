import Obfuscation
import TraceModel

extension ObfuscatingStep {
  /// Tags that hold a statement beside the resource.
  private static let statementKeys: [KnownKey] = [.sqlQuery, .dbStatement, .dbQueryText]

  /// Rewrites a span's statement, wherever it stands: as the resource, and in the tags for statements.
  ///
  /// As in the Datadog agent, the obfuscated resource goes into `sql.query` where there is none, and an empty one goes; a
  /// span without a resource is left alone.
  func obfuscateSQL(
    _ batch: inout SpanBatch, _ index: Int, _ obfuscator: inout Obfuscator, _ rewriting: inout Rewriting
  ) {
    let raw = batch.spans[index].resource
    guard !raw.isEmpty else { return }
    let dialect = Self.dialect(ofSpanAt: index, batch)
    let resource = statement(raw, dialect, &batch, &obfuscator, &rewriting)
    batch.spans[index].resource = resource
    batch.changeOwnName(ofSpanAt: index) { statement($0, dialect, &$1, &obfuscator, &rewriting) }
    if options.sql.collectsTableNames { addTables(of: raw, dialect, &batch, index, &obfuscator, &rewriting) }
    let lacksQuery = batch.meta(.sqlQuery, of: batch.spans[index]) == nil
    for key in Self.statementKeys {
      guard let entry = batch.metaIndex(key, of: batch.spans[index]) else { continue }
      let value = batch.meta[entry].value
      if value.isEmpty {
        if key == .sqlQuery { batch.removeMeta(key, ofSpanAt: index) }
      } else {
        batch.meta[entry].value =
          batch.equal(value, raw) ? resource : statement(value, dialect, &batch, &obfuscator, &rewriting)
      }
    }
    if lacksQuery {
      batch.setMeta(.sqlQuery, "sql.query", resource, ofSpanAt: index)
    }
  }

  /// Whose SQL a span's statement is written in.
  ///
  /// The Datadog agent looks at `db.type` only, which few tracers send. Where that names no dialect, `db.system` counts as
  /// far as literals would show otherwise.
  private static func dialect(ofSpanAt index: Int, _ batch: borrowing SpanBatch) -> SQLDialect {
    if let type = batch.meta(.dbType, of: batch.spans[index]),
      case let dialect = SQLDialect(name: TextBytes(batch.bytes(type))),
      dialect != .generic
    {
      return dialect
    }
    guard let system = batch.meta(.dbSystem, of: batch.spans[index]) else { return .generic }
    return SQLDialect(system: TextBytes(batch.bytes(system)))
  }

  /// Names the tables of the resource's statement in `sql.tables`, where it has any.
  private func addTables(
    of raw: ByteSlice, _ dialect: SQLDialect, _ batch: inout SpanBatch, _ index: Int, _ obfuscator: inout Obfuscator,
    _ rewriting: inout Rewriting
  ) {
    let purpose = Self.tables | UInt32(dialect.rawValue)
    let tables = rewriting.rewrite(raw, purpose, &batch, otherwise: "") { text, out in
      // The statement is remembered, and the tables of the one last given are meant.
      guard obfuscator.appendSQL(TextBytes(text), dialect: dialect, to: &out) else { return false }
      out.removeAll()
      obfuscator.appendTableNames(to: &out)
      return !out.isEmpty
    }
    if !tables.isEmpty { batch.setMeta(.sqlTables, "sql.tables", tables, ofSpanAt: index) }
  }

  // What a text is taken for, where known keys stand for texts of tags.
  private static let statement: UInt32 = 2 << 16
  private static let tables: UInt32 = 3 << 16

  /// What a statement comes to: a text of the batch.
  private func statement(
    _ raw: ByteSlice, _ dialect: SQLDialect, _ batch: inout SpanBatch, _ obfuscator: inout Obfuscator,
    _ rewriting: inout Rewriting
  ) -> ByteSlice {
    let purpose = Self.statement | UInt32(dialect.rawValue)
    return rewriting.rewrite(raw, purpose, &batch, otherwise: Obfuscator.unreadableStatement) { text, out in
      obfuscator.appendSQL(TextBytes(text), dialect: dialect, to: &out)
    }
  }
}
