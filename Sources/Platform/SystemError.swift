/// A call of the system that failed.
package struct SystemError: Error, Equatable, CustomStringConvertible {
  /// The name of the call: `pipe`.
  package let call: String
  /// The `errno` that it left: `EMFILE`.
  package let number: Int32

  /// The failure of `call` with the error number `number`.
  package init(_ call: String, _ number: Int32) {
    self.call = call
    self.number = number
  }

  /// `pipe: Too many open files`.
  package var description: String { "\(call): \(systemErrorText(number))" }
}

/// The system's text for an error number: `Permission denied`.
package func systemErrorText(_ number: Int32) -> String {
  var text = [CChar](repeating: 0, count: 256)
  _ = strerror_r(number, &text, text.count)
  return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
