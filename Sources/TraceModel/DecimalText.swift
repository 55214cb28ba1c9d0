/// Decimal numbers in attribute values.
public enum DecimalText {
  /// An unsigned number of digits only; `nil` when empty, not a number or above `UInt32.max`.
  public static func unsigned(_ text: UnsafeRawBufferPointer) -> UInt32? {
    guard text.count > 0 else { return nil }
    var value: UInt64 = 0
    for index in 0..<text.count {
      let byte = unsafe text[index]
      guard byte >= 0x30, byte <= 0x39 else { return nil }
      value = value * 10 + UInt64(byte - 0x30)
      guard value <= UInt64(UInt32.max) else { return nil }
    }
    return UInt32(value)
  }
}
