import JSON

/// What libFuzzer calls with every input it thinks of: bytes that may be JSON, behind a byte that chooses what is made sure of.
///
/// What is read has to survive being written, compact or indented. What is refused has to be refused at the first byte that
/// does not fit, whatever stands behind it. Overflows, bad indices and failed expectations trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let start, count > 0 else { return 0 }
  let input = [UInt8](UnsafeBufferPointer(start: start + 1, count: count - 1))
  switch (verdict(on: input), start[0] & 3) {
  case (.success(let value), 2): expectRoundTrip(value, written: value.compactText)
  case (.success(let value), 3): expectRoundTrip(value, written: value.text)
  case (.failure(let error), let choice):
    guard (0...input.count).contains(error.byteOffset) else { stop("\(error) in \(input.count) bytes") }
    if choice & 1 == 1 { expectPlace(of: error, in: input) }
  default: break
  }
  return 0
}

private func verdict(on bytes: [UInt8]) -> Result<JSONValue, JSONError> {
  Result { () throws(JSONError) in try JSONValue.parse(bytes) }
}

private func expectRoundTrip(_ value: JSONValue, written: String) {
  guard case .success(let read) = verdict(on: Array(written.utf8)) else { stop("\(written) cannot be read back") }
  let text = value.compactText
  if read.compactText != text { stop("wrote \(text), read \(read.compactText)") }
}

private func expectPlace(of error: JSONError, in input: [UInt8]) {
  // What ends here may still be the beginning of a document, unless more was expected.
  if case .success = verdict(on: Array(input[..<error.byteOffset])), error.expected != "the end of the document",
    !error.expected.hasPrefix("a number within")
  {
    stop("\(error), but the bytes before are a document")
  }
  guard error.byteOffset < input.count, !error.expected.hasPrefix("a number within") else { return }
  guard verdict(on: Array(input[...error.byteOffset])) == .failure(error) else {
    stop("\(error), but not without the bytes behind")
  }
}

extension Result where Success == JSONValue, Failure == JSONError {
  fileprivate static func == (a: Self, b: Self) -> Bool {
    guard case .failure(let first) = a, case .failure(let second) = b else { return false }
    return first == second
  }
}
