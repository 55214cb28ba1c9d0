#if DEBUG
  /// The batch's self-check, for tests: what every stage relies on and no stage looks at.
  extension SpanBatch {
    /// What is broken, in words; empty when the batch is sound. O(everything that is in it); the agent never calls it.
    ///
    /// - Parameter keys: the table the batch was filled with, to compare known keys with their names; `nil` to leave it out.
    public func invariantViolations(keys: KeyTable? = nil) -> [String] {
      var check = SpanBatchCheck()
      check.chunksCoverSpans(self)
      for index in 0..<spans.count { check.span(at: index, of: self, keys) }
      for index in 0..<links.count { check.link(at: index, of: self) }
      for index in 0..<events.count { check.event(at: index, of: self) }
      check.typedValues(of: self)
      check.payload(of: self)
      return check.violations
    }

    /// Whether a slice lies within the body or the side arena.
    fileprivate func holds(_ slice: ByteSlice) -> Bool {
      unsafe slice.offset + Int(slice.length) <= (slice.isInSideArena ? sideArena.count : body.count)
    }
  }

  private struct SpanBatchCheck {
    private(set) var violations: [String] = []
    /// Where the attributes of the span or event before end, by kind: the next ones begin there or later.
    private var ends: [String: Int] = [:]

    private mutating func expect(_ holds: Bool, _ what: @autoclosure () -> String) {
      // One broken batch can break every span of it.
      if !holds, violations.count < 20 { violations.append(what()) }
    }

    private mutating func slice(
      _ slice: ByteSlice, _ batch: borrowing SpanBatch, _ what: @autoclosure () -> String
    ) {
      let isHeld = batch.holds(slice)
      expect(isHeld, "\(what()) reaches outside body and side arena")
    }

    /// A range lies within its array. `isOrdered`: and behind the ranges of the kind before it.
    private mutating func range(_ range: IndexRange, within count: Int, _ kind: String, isOrdered: Bool) {
      expect(range.range.upperBound <= count, "\(kind) \(range.range) reach past the end of \(count)")
      guard isOrdered, !range.isEmpty else { return }
      expect(range.range.lowerBound >= ends[kind, default: 0], "\(kind) \(range.range) belong to two")
      ends[kind] = range.range.upperBound
    }

    mutating func chunksCoverSpans(_ batch: borrowing SpanBatch) {
      var next = 0
      for index in 0..<batch.chunks.count {
        let chunk = batch.chunks[index]
        expect(chunk.spans.range.lowerBound == next, "chunk \(index) begins at \(chunk.spans.start), not at \(next)")
        next = chunk.spans.range.upperBound
        range(chunk.attributes, within: batch.typedAttributes.count, "chunk attributes", isOrdered: true)
        slice(chunk.origin, batch, "origin of chunk \(index)")
        slice(chunk.decisionMaker, batch, "decision maker of chunk \(index)")
      }
      let count = batch.spans.count
      expect(next == count, "the chunks hold \(next) spans of \(count)")
    }

    mutating func span(at index: Int, of batch: borrowing SpanBatch, _ keys: KeyTable?) {
      let span = batch.spans[index]
      for text in [span.service, span.name, span.resource, span.type] { slice(text, batch, "a field of span \(index)") }
      let hasName = Int(span.ownName) <= batch.ownNames.count
      expect(hasName, "span \(index) has own name \(span.ownName) of \(batch.ownNames.count)")
      if hasName { slice(batch.title(of: span), batch, "the name of span \(index)") }
      // After regrouping the spans do not lie in the order of their attributes.
      range(span.meta, within: batch.meta.count, "meta", isOrdered: false)
      range(span.metrics, within: batch.metrics.count, "metrics", isOrdered: false)
      range(span.metaStruct, within: batch.metaStruct.count, "meta_struct", isOrdered: false)
      range(span.links, within: batch.links.count, "links", isOrdered: false)
      range(span.events, within: batch.events.count, "events", isOrdered: false)
      range(span.typed, within: batch.typedAttributes.count, "typed attributes", isOrdered: false)
      guard violations.isEmpty else { return }
      for entry in span.meta.range { meta(batch.meta[entry], span, batch, keys) }
      for entry in span.metrics.range { metric(batch.metrics[entry], span, batch, keys) }
      for entry in span.metaStruct.range {
        slice(batch.metaStruct[entry].key, batch, "a binary attribute's key")
        slice(batch.metaStruct[entry].value, batch, "a binary attribute's value")
      }
      addedMetrics(of: span, batch, keys)
    }

    private mutating func meta(
      _ entry: MetaEntry, _ span: SpanRecord, _ batch: borrowing SpanBatch, _ keys: KeyTable?
    ) {
      slice(entry.key, batch, "a text attribute's key")
      slice(entry.value, batch, "a text attribute's value")
      known(entry.known, entry.key, in: span.metaKeys, batch, keys)
      guard let keys, entry.known != .removed, keys.isPeerTag(entry.known) else { return }
      expect(span.metaKeys.hasPeerTag, "a peer tag that the span's set does not know of")
    }

    private mutating func metric(
      _ entry: MetricEntry, _ span: SpanRecord, _ batch: borrowing SpanBatch, _ keys: KeyTable?
    ) {
      slice(entry.key, batch, "a number attribute's key")
      known(entry.known, entry.key, in: span.metricKeys, batch, keys)
    }

    private mutating func known(
      _ known: KnownKey, _ key: ByteSlice, in set: KnownKeySet, _ batch: borrowing SpanBatch, _ keys: KeyTable?
    ) {
      guard known != .removed, violations.isEmpty else { return }
      if known != .unknown { expect(set.contains(known), "known key \(known.rawValue) is not in its span's set") }
      guard let keys else { return }
      let spelled = unsafe keys.lookup(batch.bytes(key))
      expect(spelled == known, "a key that spells \(spelled.rawValue) is noted as \(known.rawValue)")
    }

    /// The list ends, and every entry on it is one of the batch's.
    private mutating func addedMetrics(of span: SpanRecord, _ batch: borrowing SpanBatch, _ keys: KeyTable?) {
      var next = span.addedMetrics
      var steps = 0
      let count = batch.addedMetrics.count
      while next >= 0 {
        expect(Int(next) < count, "added metric \(next) of \(count)")
        expect(steps < count, "the list of added metrics has no end")
        guard violations.isEmpty else { return }
        metric(batch.addedMetrics[Int(next)].entry, span, batch, keys)
        next = batch.addedMetrics[Int(next)].next
        steps += 1
      }
    }

    mutating func link(at index: Int, of batch: borrowing SpanBatch) {
      let link = batch.links[index]
      slice(link.tracestate, batch, "tracestate of link \(index)")
      range(link.attributes, within: batch.linkAttributes.count, "link attributes", isOrdered: true)
      range(link.typed, within: batch.typedAttributes.count, "typed attributes of a link", isOrdered: true)
      guard violations.isEmpty else { return }
      for entry in link.attributes.range {
        slice(batch.linkAttributes[entry].key, batch, "a link attribute's key")
        slice(batch.linkAttributes[entry].value, batch, "a link attribute's value")
      }
    }

    mutating func event(at index: Int, of batch: borrowing SpanBatch) {
      let event = batch.events[index]
      slice(event.name, batch, "name of event \(index)")
      range(event.attributes, within: batch.typedAttributes.count, "event attributes", isOrdered: true)
    }

    mutating func typedValues(of batch: borrowing SpanBatch) {
      for index in 0..<batch.typedAttributes.count {
        slice(batch.typedAttributes[index].key, batch, "key of typed attribute \(index)")
        value(batch.typedAttributes[index].value, batch, owner: index, isElement: false)
      }
      for index in 0..<batch.arrayValues.count {
        value(batch.arrayValues[index], batch, owner: index, isElement: true)
      }
    }

    /// A value's texts and elements lie in the batch, and none of its elements is the value itself.
    private mutating func value(
      _ value: AnyValueRecord, _ batch: borrowing SpanBatch, owner: Int, isElement: Bool
    ) {
      slice(value.string, batch, "a typed value's text")
      if value.type == 6 {
        range(value.keyValues, within: batch.typedAttributes.count, "entries of a list", isOrdered: false)
        if !isElement { expect(!value.keyValues.range.contains(owner), "a list that holds itself") }
      } else {
        range(value.array, within: batch.arrayValues.count, "elements of an array", isOrdered: false)
        if isElement { expect(!value.array.range.contains(owner), "an array that holds itself") }
      }
    }

    mutating func payload(of batch: borrowing SpanBatch) {
      let payload = batch.payload
      for text in [
        payload.containerID, payload.languageName, payload.languageVersion, payload.tracerVersion, payload.runtimeID,
        payload.env, payload.hostname, payload.appVersion, payload.gitCommitSha, payload.processTags,
        payload.containerTags,
      ] { slice(text, batch, "a field of the payload") }
      range(payload.attributes, within: batch.typedAttributes.count, "payload attributes", isOrdered: true)
      range(batch.sharedMeta, within: batch.meta.count, "shared attributes", isOrdered: false)
    }
  }
#endif
