/// How header values are read; pure functions over their bytes.
package enum HeaderValue {
  /// The "boolean-ish" rule of the Datadog trace-agent: empty is false, the words that Go's `ParseBool` knows mean what
  /// they say (`1 t T TRUE true True`, `0 f F FALSE false False`), and anything else is true, `no` and `off` included.
  package static func isTrue(_ value: UnsafeRawBufferPointer) -> Bool {
    switch value.count {
    case 0: false
    case 1: value[0] != UInt8(ascii: "0") && value[0] != UInt8(ascii: "f") && value[0] != UInt8(ascii: "F")
    case 5: !(isSame(value, "false") || isSame(value, "FALSE") || isSame(value, "False"))
    default: true
    }
  }

  /// A decimal number with an optional sign, as Go's `ParseInt` takes it; `nil` for anything else.
  package static func integer(_ value: UnsafeRawBufferPointer) -> Int64? {
    var position = 0
    var isNegative = false
    if let first = value.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
      isNegative = first == UInt8(ascii: "-")
      position = 1
    }
    guard position < value.count else { return nil }
    var result: Int64 = 0
    for byte in value[position...] {
      let digit = byte &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      let (tens, overflow) = result.multipliedReportingOverflow(by: 10)
      guard !overflow else { return nil }
      // Counted downwards when negative, so that the smallest number fits too.
      let (sum, overflowed) =
        isNegative ? tens.subtractingReportingOverflow(Int64(digit)) : tens.addingReportingOverflow(Int64(digit))
      guard !overflowed else { return nil }
      result = sum
    }
    return result
  }

  private static func isSame(_ value: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
    value.elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
}
