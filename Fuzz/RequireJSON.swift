import JSON

/// What a decoder has read is JSON: the reader of JSON that everything else uses takes it too, but for numbers that no double
/// holds, over which a decoder moves where it does not want them, and what stands behind the document.
func requireJSON(_ body: UnsafeRawBufferPointer) {
  do throws(JSONError) {
    _ = try JSONValue.parse(Array(body))
  } catch {
    let isAllowed = error.expected.hasPrefix("a number within") || error.expected == "the end of the document"
    if !isAllowed { stop("what was read is \(error)") }
  }
}
