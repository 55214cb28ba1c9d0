import TraceModel

/// What a chunk as a whole is: its root, priority, origin; and what it says of the payload.
extension Processor {
  /// The root: from the end, the first span without a parent; else the first of those whose parent is not in the chunk;
  /// else the last span. Needs `spanIDs` to hold the chunk's spans.
  func findRoot(_ batch: inout SpanBatch, chunk: Int) {
    let spans = batch.chunks[chunk].spans.range
    var root = spans.upperBound - 1
    var parentless: Int?
    for index in spans.reversed() {
      let parent = batch.spans[index].parentID
      if parent == 0 {
        batch.chunks[chunk].root = UInt32(truncatingIfNeeded: index)
        return
      }
      if spanIDs.position(of: parent) == nil { parentless = index }
    }
    if let parentless { root = parentless }
    batch.chunks[chunk].root = UInt32(truncatingIfNeeded: root)
  }

  func readChunkAttributes(_ batch: inout SpanBatch, chunk: Int) {
    let spans = batch.chunks[chunk].spans.range
    let root = batch.spans[Int(batch.chunks[chunk].root)]
    if batch.chunks[chunk].priority == ChunkRecord.noPriority {
      batch.chunks[chunk].priority = Self.priority(batch, root: root, spans)
    }
    if batch.chunks[chunk].origin.isEmpty, let origin = batch.meta(.origin, of: root) {
      batch.chunks[chunk].origin = origin
    }
    for index in spans {
      if let decisionMaker = batch.meta(.decisionMaker, of: batch.spans[index]) {
        batch.chunks[chunk].decisionMaker = decisionMaker
        break
      }
    }
  }

  /// The root's `_sampling_priority_v1`, else that of the first span that has one.
  private static func priority(_ batch: borrowing SpanBatch, root: SpanRecord, _ spans: Range<Int>) -> Int32 {
    var value = batch.metric(.samplingPriority, of: root)
    if value == nil {
      for index in spans {
        value = batch.metric(.samplingPriority, of: batch.spans[index])
        if value != nil { break }
      }
    }
    guard let value else { return ChunkRecord.noPriority }
    guard value.isFinite else { return 0 }
    // Priorities are 8 bits wide inside the agent; larger ones wrap there and so here.
    let wide = Int64(max(min(value.rounded(.towardZero), 2_147_483_647), -2_147_483_648))
    return Int32(Int8(truncatingIfNeeded: wide))
  }

  /// Fills what the payload does not say itself from the first chunk that has it.
  func readPayloadAttributes(_ batch: inout SpanBatch, chunk: Int) {
    let root = batch.spans[Int(batch.chunks[chunk].root)]
    let spans = batch.chunks[chunk].spans.range
    if batch.payload.hostname.isEmpty, let hostname = batch.meta(.hostname, of: root) {
      batch.payload.hostname = hostname
    }
    if batch.payload.env.isEmpty { batch.payload.env = Self.rootFirst(.env, batch, root, spans) }
    if batch.payload.appVersion.isEmpty { batch.payload.appVersion = Self.rootFirst(.version, batch, root, spans) }
    if batch.payload.gitCommitSha.isEmpty {
      batch.payload.gitCommitSha = Self.rootFirst(.gitCommitSha, batch, root, spans)
    }
    if batch.payload.processTags.isEmpty,
      let tags = batch.meta(.processTags, of: batch.spans[spans.lowerBound])
    {
      batch.payload.processTags = tags
    }
  }

  private static func rootFirst(
    _ key: KnownKey, _ batch: borrowing SpanBatch, _ root: SpanRecord, _ spans: Range<Int>
  ) -> ByteSlice {
    if let value = batch.meta(key, of: root), !value.isEmpty { return value }
    for index in spans {
      if let value = batch.meta(key, of: batch.spans[index]), !value.isEmpty { return value }
    }
    return .empty
  }

  /// The rate at which the client sampled is sent on under the intake's own key; a client cannot set that key itself.
  func copyClientRate(_ batch: inout SpanBatch, chunk: Int) {
    let root = Int(batch.chunks[chunk].root)
    if let rate = batch.metric(.sampleRate, of: batch.spans[root]), rate < 1 {
      batch.setMetric(.clientRate, "_dd1.sr.rcusr", rate, ofSpanAt: root)
    } else if batch.spans[root].metricKeys.contains(.clientRate) {
      batch.removeMetric(.clientRate, ofSpanAt: root)
    }
  }
}
