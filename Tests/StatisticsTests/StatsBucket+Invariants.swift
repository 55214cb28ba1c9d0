import TraceModel

@testable import Statistics

extension StatsBucket {
  /// What is wrong with the table and its groups; nothing unless this code is. O(groups, slots and bytes of keys).
  var brokenInvariants: [String] { brokenSlots + brokenKeys + brokenGroups }

  private var brokenSlots: [String] {
    var broken: [String] = []
    if slots.count.nonzeroBitCount != 1 { broken.append("\(slots.count) slots") }
    if groups.count * 2 > slots.count { broken.append("\(groups.count) groups in \(slots.count) slots") }
    let used = slots.filter { $0 >= 0 }.map { Int($0) }
    if used.sorted() != Array(groups.indices) { broken.append("not each group has one slot") }
    for (slot, index) in slots.enumerated() where index >= 0 && groups.indices.contains(Int(index)) {
      var probe = Int(truncatingIfNeeded: groups[Int(index)].hash) & (slots.count - 1)
      while probe != slot, slots[probe] >= 0 { probe = (probe + 1) & (slots.count - 1) }
      if probe != slot { broken.append("group \(index) cannot be found from its hash") }
    }
    return broken
  }

  /// Keys lie behind one another without gaps, are whole, and differ.
  private var brokenKeys: [String] {
    var broken: [String] = []
    var end = 0
    var seen: Set<[UInt8]> = []
    for (index, group) in groups.enumerated() {
      if group.keyStart != end || group.keyEnd <= group.keyStart { broken.append("group \(index) has a gap before it") }
      end = group.keyEnd
      guard group.keyStart >= 0, group.keyStart <= group.keyEnd, group.keyEnd <= keys.count else {
        broken.append("the key of group \(index) lies outside")
        continue
      }
      if !seen.insert(Array(key(of: index))).inserted { broken.append("group \(index) has the key of another") }
      var reader = GroupKeyReader(key(of: index))
      _ = GroupKey(&reader)
      if !reader.isAtEnd { broken.append("the key of group \(index) has something behind its fields") }
    }
    if end != keys.count { broken.append("\(keys.count - end) bytes belong to no key") }
    return broken
  }

  private var brokenGroups: [String] {
    var broken: [String] = []
    for (index, group) in groups.enumerated() {
      broken += (group.okSketch.brokenInvariants + group.errorSketch.brokenInvariants).map { "group \(index): \($0)" }
      let spans = Double(group.okSketch.count + group.errorSketch.count)
      // Each span counts at least once; a trace that was sampled counts more often.
      if group.hits < spans * 0.999_999 { broken.append("group \(index): \(group.hits) hits of \(spans) spans") }
      if group.errors < Double(group.errorSketch.count) * 0.999_999 || group.errors > group.hits * 1.000_001 {
        broken.append("group \(index): \(group.errors) errors of \(group.hits) hits")
      }
      if group.topLevelHits < 0 || group.topLevelHits > group.hits * 1.000_001 {
        broken.append("group \(index): \(group.topLevelHits) top-level hits of \(group.hits)")
      }
      if group.spanDurationNs > spans * Double(group.maxNs) * 1.000_001 || group.durationNs < 0 {
        broken.append("group \(index): \(group.spanDurationNs) ns of at most \(group.maxNs) each")
      }
    }
    return broken
  }
}

extension Concentrator {
  /// What is wrong with the open buckets; nothing unless this code is. O(all of their groups).
  var brokenInvariants: [String] {
    var broken = buckets.flatMap(\.brokenInvariants)
    if Set(buckets.map(\.startNs)).count != buckets.count { broken.append("two buckets have the same start") }
    for bucket in buckets where bucket.groups.count > Self.groupsMaxCollapsed + LocalMarks.combinations {
      broken.append("\(bucket.groups.count) groups in a bucket")
    }
    return broken
  }
}

extension LocalMarks {
  /// Values that the marks can have together: as many groups stand for all others when a bucket is full.
  static let combinations = 8
}
