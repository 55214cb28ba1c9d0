/// The known headers of one request, as slices of the connection's memory.
///
/// Valid only during the call that it was given to; nothing is copied unless `string` is asked for. When a client sends a
/// header twice the first one counts, as in the Datadog trace-agent.
package struct RequestHeaders {
  /// One slot a `KnownHeader`; an absent header has no base address.
  let slots: UnsafeMutablePointer<UnsafeRawBufferPointer>

  /// The bytes of the value, without surrounding white space; `nil` when the client did not send it.
  @inline(__always)
  package subscript(_ header: KnownHeader) -> UnsafeRawBufferPointer? {
    let slot = slots[Int(header.rawValue)]
    return slot.baseAddress == nil ? nil : slot
  }

  /// Whether the client sent it, be it empty.
  package func contains(_ header: KnownHeader) -> Bool { self[header] != nil }

  /// A copy of the value, broken UTF-8 repaired; `nil` when the client did not send it.
  package func string(_ header: KnownHeader) -> String? {
    self[header].map { String(decoding: $0, as: UTF8.self) }
  }

  /// The value as a whole number; `nil` when absent, not a decimal number, or out of range.
  package func integer(_ header: KnownHeader) -> Int64? {
    self[header].flatMap { HeaderValue.integer($0) }
  }

  /// The value as the Datadog trace-agent reads its boolean headers; see `HeaderValue.isTrue`.
  package func isTrue(_ header: KnownHeader) -> Bool {
    self[header].map { HeaderValue.isTrue($0) } ?? false
  }

  /// Whether a web page made a browser send this, so that no page can use the agent of whoever looks at it.
  ///
  /// Browsers name the page in `Origin`, with every request but a plain `GET`, and say in `Sec-Fetch-Site` how far it is
  /// from here. Tracers send neither. `Host` says nothing: a page can have its own name resolve to this machine, and is
  /// then of the same origin, so that no `Origin` is a familiar one. A person who types the address is `none`.
  package var isFromWebPage: Bool {
    if contains(.origin) { return true }
    guard contains(.fetchSite) else { return false }
    return !isEqual(.fetchSite, "none") && !isEqual(.fetchSite, "same-origin")
  }

  /// Same bytes as `text`, with ASCII letters of either case taken as equal; false when absent.
  package func isEqual(_ header: KnownHeader, _ text: StaticString) -> Bool {
    self[header].map { $0.equalsIgnoringCase(text) } ?? false
  }
}
