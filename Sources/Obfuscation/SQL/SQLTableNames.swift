import TraceModel

/// The names of the tables that a statement uses, once each, separated by commas.
struct SQLTableNames: ~Copyable {
  /// More than this is no help to anybody, and the tag would be cut.
  static let bytesMax = 4096

  private(set) var list = GrowableBuffer<UInt8>()

  mutating func removeAll() { list.removeAll(keepingBytes: 2 * Self.bytesMax) }

  mutating func add(_ name: TextBytes, replacingDigits: Bool) {
    guard !name.isEmpty, list.count + name.count < Self.bytesMax else { return }
    let end = list.count
    if end > 0 { list.append(UInt8(ascii: ",")) }
    let start = list.count
    if replacingDigits {
      CharacterClass.appendReplacingDigits(name, to: &list)
    } else {
      name.append(to: &list)
    }
    if contains(list.bytes(from: start), before: end) { list.truncate(to: end) }
  }

  private func contains(_ name: TextBytes, before end: Int) -> Bool {
    let all = list.bytes(from: 0).part(0, end)
    var start = 0
    while start < end {
      let stop = all.firstIndex(of: UInt8(ascii: ","), from: start) ?? end
      if all.part(start, stop).isEqual(to: name) { return true }
      start = stop + 1
    }
    return false
  }
}
