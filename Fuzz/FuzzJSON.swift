/// What libFuzzer calls with every input it thinks of: bytes that may be JSON.
///
/// What is read has to survive being written in both ways. What is refused has to be refused at the first byte that does
/// not fit, whatever stands behind it. Overflows, bad indices and failed expectations trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = [UInt8](UnsafeBufferPointer(start: start, count: count))
  switch verdict(on: input) {
  case .success(let value): expectRoundTrip(value)
  case .failure(let error): expectPlace(of: error, in: input)
  }
  return 0
}

private func verdict(on bytes: [UInt8]) -> Result<JSONValue, JSONError> {
  Result { () throws(JSONError) in try JSONValue.parse(bytes) }
}

private func expectRoundTrip(_ value: JSONValue) {
  let text = value.compactText
  for written in [text, value.text] {
    guard case .success(let read) = verdict(on: Array(written.utf8)) else { stop("\(written) cannot be read back") }
    if read.compactText != text { stop("wrote \(text), read \(read.compactText)") }
  }
}

private func expectPlace(of error: JSONError, in input: [UInt8]) {
  guard (0...input.count).contains(error.byteOffset) else { stop("\(error) in \(input.count) bytes") }
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

private func stop(_ why: String) -> Never {
  preconditionFailure(why)
}
