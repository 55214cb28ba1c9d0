import TraceModel

/// A number or truth value as the text that rules see: the shortest decimal one, without an exponent, as Go's
/// `strconv.FormatFloat(value, 'f', -1, 64)` writes it.
struct NumberText {
  private var text: String

  init(_ value: Bool) { text = value ? "true" : "false" }
  init(_ value: Int64) { text = String(value) }

  init(_ value: Double) {
    if let whole = Int64(exactly: value), value != 0 || value.sign == .plus {
      text = String(whole)
    } else {
      text = Self.plain(value)
    }
  }

  mutating func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
  }

  /// Swift writes the same digits, and large and small numbers with an exponent: that is written out here.
  private static func plain(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    var digits = value.magnitude.description
    let sign = value.sign == .minus ? "-" : ""
    var exponent = 0
    if let mark = digits.firstIndex(of: "e") {
      exponent = Int(digits[digits.index(after: mark)...]) ?? 0
      digits = String(digits[..<mark])
    }
    let parts = digits.split(separator: ".", maxSplits: 1)
    let whole = String(parts.first ?? "0")
    let fraction = parts.count > 1 && parts[1] != "0" ? String(parts[1]) : ""
    let all = whole + fraction
    let point = whole.count + exponent
    if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + all }
    if point >= all.count { return sign + all + String(repeating: "0", count: point - all.count) }
    return sign + all.prefix(point) + "." + all.dropFirst(point)
  }

  /// Digits that a text of a number has at most; Go reads longer ones, which no number needs.
  private static let bytesMax = 400

  /// The number that a text is; `nil` when it is none.
  static func number(_ text: UnsafeRawBufferPointer) -> Double? {
    guard !text.isEmpty, text.count <= bytesMax, let value = Double(String(decoding: text, as: UTF8.self)) else {
      return nil
    }
    return value
  }

  /// What a text looks like: an integer, a number, a truth value, else a text.
  static func value(_ text: ByteSlice, _ batch: borrowing SpanBatch) -> AnyValueRecord {
    let bytes = batch.bytes(text)
    guard bytes.count <= bytesMax else { return .string(text) }
    let read = String(decoding: bytes, as: UTF8.self)
    if let int = Int64(read) { return .int(int) }
    if let double = number(bytes) { return .double(double) }
    switch read {
    case "1", "t", "T", "true", "TRUE", "True": return .bool(true)
    case "0", "f", "F", "false", "FALSE", "False": return .bool(false)
    default: return .string(text)
    }
  }
}
