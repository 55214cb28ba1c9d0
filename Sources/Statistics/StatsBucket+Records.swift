import TraceModel

// What a group has counted for an intake, as bytes that a later agent of the same build makes a bucket of. What only tables of
// this machine show is left out.

extension StatsBucket {
  /// Whether a group counts in the statistics that are sent.
  package func isSent(_ index: Int) -> Bool {
    let key = GroupKey(key(of: index))
    return key.isForwarded || key.client != nil
  }

  /// Appends the record of a group: all that it has counted so far.
  /// - Parameter source: who counted it; with the group's index it tells the bucket's groups apart.
  package func appendRecord(of index: Int, source: Int, to bytes: inout [UInt8]) {
    let group = groups[index]
    let key = key(of: index)
    for number in [source, index, key.count] { DDSketch.appendVarint(UInt64(clamping: number), to: &bytes) }
    bytes += key
    for sum in [group.hits, group.topLevelHits, group.errors, group.durationNs] {
      withUnsafeBytes(of: sum.bitPattern.littleEndian) { bytes += $0 }
    }
    for sketch in [group.okSketch, group.errorSketch] {
      let compact = sketch.compact()
      DDSketch.appendVarint(UInt64(compact.count), to: &bytes)
      bytes += compact
    }
  }
}

/// Puts a bucket together again from the records of its groups, of which a later one takes the place of an earlier one.
package struct BucketRestoration {
  private struct Place: Hashable {
    let source: UInt64
    let index: UInt64
  }

  private var groups: [Place: (key: [UInt8], group: Group)] = [:]

  package init() {}

  /// Whether no record was taken.
  package var isEmpty: Bool { groups.isEmpty }

  /// Takes records that `appendRecord` wrote one behind the other.
  /// - Returns: false when something else stands among them; what is behind it is left out.
  package mutating func add(_ records: [UInt8]) -> Bool {
    var reader = RecordReader(bytes: records)
    while !reader.isAtEnd {
      guard let source = reader.varint(), let index = reader.varint(), let key = reader.text(), !key.isEmpty,
        let hits = reader.sum(), let topLevelHits = reader.sum(), let errors = reader.sum(),
        let durationNs = reader.sum(), let good = reader.text(), let failed = reader.text()
      else { return false }
      var group = Group(keyStart: 0, keyEnd: 0, hash: 0)
      (group.hits, group.topLevelHits, group.errors, group.durationNs) = (hits, topLevelHits, errors, durationNs)
      group.okSketch.merge(compact: good)
      group.errorSketch.merge(compact: failed)
      groups[Place(source: source, index: index)] = (key, group)
    }
    return true
  }

  /// The bucket with the groups of all sources.
  package func bucket(startNs: Int64) -> StatsBucket {
    var bucket = StatsBucket(startNs: startNs)
    let seed = TableSeed.random()
    for (key, group) in groups.values {
      key.withUnsafeBytes { bucket.add(group, key: $0, hash: seed.hash($0)) }
    }
    return bucket
  }
}

/// Reads what `appendRecord` wrote; `nil` where the bytes end too early or make no sense.
private struct RecordReader {
  let bytes: [UInt8]
  private var offset = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { offset >= bytes.count }

  mutating func varint() -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: 0 as UInt64, to: 64, by: 7) {
      guard offset < bytes.count else { return nil }
      let byte = bytes[offset]
      offset += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }

  /// So many bytes as the varint before them says.
  mutating func text() -> [UInt8]? {
    guard let count = varint(), count <= UInt64(bytes.count - offset) else { return nil }
    defer { offset += Int(count) }
    return Array(bytes[offset..<offset + Int(count)])
  }

  /// A sum, which is finite and not below zero.
  mutating func sum() -> Double? {
    guard bytes.count - offset >= 8 else { return nil }
    let bits = bytes[offset..<offset + 8].reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    offset += 8
    let value = Double(bitPattern: bits)
    return value.isFinite && value >= 0 ? value : nil
  }
}
