import TraceModel

extension PlainPayload {
  /// What a batch holds.
  package init(_ batch: borrowing SpanBatch) {
    self.init()
    for index in 0..<batch.chunks.count {
      let chunk = batch.chunks[index]
      var trace: [PlainSpan] = []
      for span in chunk.spans.range { trace.append(PlainSpan(batch.spans[span], of: batch)) }
      traces.append(trace)
      chunks.append(PlainChunk(chunk, of: batch))
    }
    sender = PlainSender(batch.payload, of: batch)
  }
}

extension PlainChunk {
  fileprivate init(_ chunk: ChunkRecord, of batch: borrowing SpanBatch) {
    self.init()
    (priority, traceIDHigh) = (chunk.priority, chunk.traceIDHigh)
    origin = PlainText(chunk.origin, of: batch)
    decisionMaker = PlainText(chunk.decisionMaker, of: batch)
    tags = plainPairs(chunk.attributes, of: batch)
  }
}

extension PlainSender {
  fileprivate init(_ payload: PayloadAttributes, of batch: borrowing SpanBatch) {
    self.init()
    set("container_id", PlainText(payload.containerID, of: batch))
    set("language_name", PlainText(payload.languageName, of: batch))
    set("language_version", PlainText(payload.languageVersion, of: batch))
    set("tracer_version", PlainText(payload.tracerVersion, of: batch))
    set("runtime_id", PlainText(payload.runtimeID, of: batch))
    set("env", PlainText(payload.env, of: batch))
    set("hostname", PlainText(payload.hostname, of: batch))
    set("app_version", PlainText(payload.appVersion, of: batch))
    set("_dd.tags.process", PlainText(payload.processTags, of: batch))
    tags = plainPairs(payload.attributes, of: batch)
  }
}

/// Typed attributes that nothing has replaced.
func plainPairs(_ range: IndexRange, of batch: borrowing SpanBatch) -> [Pair<PlainValue>] {
  var pairs: [Pair<PlainValue>] = []
  for index in range.range where !batch.typedAttributes[index].value.isRemoved {
    let attribute = batch.typedAttributes[index]
    pairs.append(Pair(PlainText(attribute.key, of: batch), PlainValue(attribute.value, of: batch)))
  }
  return pairs
}
