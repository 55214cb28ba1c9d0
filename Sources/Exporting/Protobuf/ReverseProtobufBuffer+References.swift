/// Entries of maps of attributes in which texts are numbers of a table, as in the intake's form of v1.0. A key is field 1
/// of its entry, a value field 2.
extension ReverseProtobufBuffer {
  /// An entry whose value is a text: field 1 of the value.
  @inline(__always) mutating func prependEntry(field tag: UInt8, key: UInt32, reference: UInt32) {
    guard key < 0x80, reference < 0x80 else {
      return prependLongEntry(field: tag, key: key, reference: reference)
    }
    // Each number and length has one byte: eight in all.
    let entry = UInt64(tag) | 0x0600 | 0x08_0000 | UInt64(key) << 24
    prepend(fixed64: entry | 0x12 << 32 | 0x02 << 40 | 0x08 << 48 | UInt64(reference) << 56)
  }

  @inline(never) private mutating func prependLongEntry(field tag: UInt8, key: UInt32, reference: UInt32) {
    let mark = count
    prependAlways(field: 0x08, varint: UInt64(reference))
    closeEntry(key: key, field: tag, since: mark)
  }

  /// An entry whose value is a double: field 3 of the value.
  @inline(__always) mutating func prependEntry(field tag: UInt8, key: UInt32, double value: Double) {
    prepend(fixed64: value.bitPattern)
    guard key < 0x80 else { return closeLongEntry(field: tag, key: key) }
    // Seven bytes in front of the number.
    let entry = UInt64(tag) | 0x0D00 | 0x08_0000 | UInt64(key) << 24
    prepend(lowestBytes: 7, of: entry | 0x12 << 32 | 0x09 << 40 | 0x19 << 48)
  }

  @inline(never) private mutating func closeLongEntry(field tag: UInt8, key: UInt32) {
    prepend(byte: 0x19)
    closeEntry(key: key, field: tag, since: count &- 9)
  }

  /// Closes the value that began when `count` was `mark`, puts the key in front of it, and closes the entry.
  @inline(__always) mutating func closeEntry(key: UInt32, field tag: UInt8, since mark: Int) {
    closeMessage(field: 0x12, since: mark)
    prependAlways(field: 0x08, varint: UInt64(key))
    closeMessage(field: tag, since: mark)
  }
}
