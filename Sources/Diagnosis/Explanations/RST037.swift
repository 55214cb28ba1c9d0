extension Explanation {
  static let rst037 = Explanation(
    id: "RST037", name: "A payload cannot be decoded",
    lines: [
      "cannot decode v0.4 traces payload: msgp: too few bytes left to read object",
      "cannot decode v0.3 traces payload: msgp: attempted to decode type \"nil\" with method for \"str\"",
      "failed_to_send traces to Agent: HTTP error status 400, reason Bad Request",
    ],
    text: """
      What came is not what the endpoint's format says: a field of the wrong type, too few elements in a list, or the \
      body is cut off. roost tells which client it was, at which byte, in which trace, span and field it happened, and \
      what it expected there; `roost inspect` with the number that `roost info -v` lists draws what could be read, and \
      marks the byte. A tracer's release that does this always needs an update; a body that is cut off points \
      to a proxy or a time-out on the way; values set by the app (an id as text, a map as a tag) can be the cause with \
      hand-written clients. So can a compression (Content-Encoding) other than gzip and zstd. The traces of the payload are lost.
      """)
}
