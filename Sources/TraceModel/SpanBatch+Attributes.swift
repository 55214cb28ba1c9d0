import Platform

extension SpanBatch {
  // The lookups are inlined up to the test for an absent key, and pass on fields of the span: a whole record would be
  // copied for each.

  /// The value of a known text attribute of a span; of duplicates the last one. `nil` when absent.
  @inline(__always) @inlinable public func meta(_ key: KnownKey, of span: SpanRecord) -> ByteSlice? {
    guard span.metaKeys.contains(key), let index = findMeta(key, in: span.meta) else { return nil }
    return meta[index].value
  }

  /// Where a known text attribute lies in `meta`, so that it can be changed.
  @inline(__always) @inlinable public func metaIndex(_ key: KnownKey, of span: SpanRecord) -> Int? {
    span.metaKeys.contains(key) ? findMeta(key, in: span.meta) : nil
  }

  @inline(never) @usableFromInline func findMeta(_ key: KnownKey, in entries: IndexRange) -> Int? {
    let range = entries.range
    var index = range.upperBound
    while index > range.lowerBound {
      index &-= 1
      if meta[index].known == key { return index }
    }
    return nil
  }

  /// The value of a known number attribute of a span; of duplicates the last one. `nil` when absent.
  @inline(__always) @inlinable public func metric(_ key: KnownKey, of span: SpanRecord) -> Double? {
    span.metricKeys.contains(key) ? findMetric(key, in: span.metrics, added: span.addedMetrics) : nil
  }

  @inline(never) @usableFromInline func findMetric(
    _ key: KnownKey, in entries: IndexRange, added first: Int32
  ) -> Double? {
    let range = entries.range
    var index = range.upperBound
    while index > range.lowerBound {
      index &-= 1
      if metrics[index].known == key { return metrics[index].value }
    }
    return first < 0 ? nil : addedMetricValue(key, from: first)
  }

  /// Whether the entries of `meta` before `end` repeat those of `sharedMeta`, which has some, as they are now.
  @inline(__always) @inlinable public func repeatsSharedMeta(before end: Int) -> Bool {
    let shared = sharedMeta.range
    let start = end &- shared.count
    guard start >= 0, end <= meta.count, shared.upperBound <= meta.count else { return false }
    return unsafe meta.pointer.baseAddress.map {
      unsafe memcmp($0 + start, $0 + shared.lowerBound, shared.count &* MemoryLayout<MetaEntry>.stride) == 0
    } ?? false
  }

  /// Takes a known text attribute out of a span.
  public mutating func removeMeta(_ key: KnownKey, ofSpanAt index: Int) {
    for entry in spans[index].meta.range where meta[entry].known == key { meta[entry].known = .removed }
  }

  /// Sets a known text attribute of a span, or adds it as `addMeta` does.
  public mutating func setMeta(_ key: KnownKey, _ name: StaticString, _ value: ByteSlice, ofSpanAt index: Int) {
    if let entry = metaIndex(key, of: spans[index]) { return meta[entry].value = value }
    addMeta(MetaEntry(key: addText(name), value: value, known: key), ofSpanAt: index)
  }

  /// The same where the key's name is a text of the batch.
  public mutating func setMeta(_ key: KnownKey, _ name: ByteSlice, _ value: ByteSlice, ofSpanAt index: Int) {
    if let entry = metaIndex(key, of: spans[index]) { return meta[entry].value = value }
    addMeta(MetaEntry(key: name, value: value, known: key), ofSpanAt: index)
  }

  /// Adds a text attribute to a span. For that the span's attributes move to the end of `meta`, unless they stand there
  /// already: O(attributes of the span).
  /// - Parameter isPeerTag: whether its key is one of the peer tags.
  public mutating func addMeta(_ entry: MetaEntry, isPeerTag: Bool = false, ofSpanAt index: Int) {
    let range = spans[index].meta.range
    if range.upperBound != meta.count {
      let start = meta.count
      meta.append(copiesOf: range)
      spans[index].meta = IndexRange(start: start, end: meta.count)
    }
    meta.append(entry)
    spans[index].meta.count &+= 1
    spans[index].metaKeys.insert(entry.known, isPeerTag: isPeerTag)
  }

  /// Takes a known number attribute out of a span, added ones too.
  public mutating func removeMetric(_ key: KnownKey, ofSpanAt index: Int) {
    for entry in spans[index].metrics.range where metrics[entry].known == key { metrics[entry].known = .removed }
    var next = Int(spans[index].addedMetrics)
    while next >= 0 {
      if addedMetrics[next].entry.known == key { addedMetrics[next].entry.known = .removed }
      next = Int(addedMetrics[next].next)
    }
  }

  /// Adds a number attribute, or changes the one that is there.
  public mutating func setMetric(_ key: KnownKey, _ name: StaticString, _ value: Double, ofSpanAt index: Int) {
    if spans[index].metricKeys.contains(key) { removeMetric(key, ofSpanAt: index) }
    let slice = addText(name)
    addedMetrics.append(
      AddedMetric(entry: MetricEntry(key: slice, value: value, known: key), next: spans[index].addedMetrics))
    spans[index].addedMetrics = Int32(truncatingIfNeeded: addedMetrics.count - 1)
    spans[index].metricKeys.insert(key, isPeerTag: false)
  }

  /// Adds a text attribute to a chunk.
  public mutating func addAttribute(_ name: StaticString, _ value: StaticString, ofChunkAt index: Int) {
    let before = chunks[index].attributes.range
    let start = typedAttributes.count
    // A chunk's attributes lie next to each other.
    typedAttributes.append(copiesOf: before)
    var attribute = TypedAttribute()
    attribute.key = addText(name)
    attribute.value = .string(addText(value))
    typedAttributes.append(attribute)
    chunks[index].attributes = IndexRange(start: start, end: typedAttributes.count)
  }

  private func addedMetricValue(_ key: KnownKey, from first: Int32) -> Double? {
    var next = first
    while next >= 0 {
      let added = addedMetrics[Int(next)]
      if added.entry.known == key { return added.entry.value }
      next = added.next
    }
    return nil
  }
}
