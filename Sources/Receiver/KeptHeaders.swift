/// Headers of a request that outlive it, as bytes of their own.
package struct KeptHeaders: Sendable, Equatable {
  /// One header and its value as the client sent it.
  package struct Field: Sendable, Equatable {
    /// The header that it is.
    package let header: KnownHeader
    /// Its value; empty where it was sent without one.
    package let value: [UInt8]
  }

  /// In the order of `KnownHeader`.
  package let fields: [Field]

  /// Headers by their names, such as another agent has kept them; names that nobody reads are left out.
  package init(named: [(name: [UInt8], value: [UInt8])]) {
    let index = HeaderIndex()
    fields = named.compactMap { name, value in
      name.withUnsafeBytes { index.find($0) }.map { Field(header: $0, value: value) }
    }
  }

  /// Lends the headers in the form in which those of a request are read; they are valid during the call only.
  package func withHeaders<Result, Failure: Error>(
    _ use: (RequestHeaders) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let count = KnownHeader.allCases.count
    let slots = UnsafeMutablePointer<UnsafeRawBufferPointer>.allocate(capacity: count)
    slots.initialize(repeating: UnsafeRawBufferPointer(start: nil, count: 0), count: count)
    // An empty value was sent all the same, and so has an address.
    let bytes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: fields.reduce(1) { $0 + $1.value.count }, alignment: 1)
    defer {
      bytes.deallocate()
      slots.deallocate()
    }
    var offset = 0
    for field in fields {
      let place = UnsafeMutableRawBufferPointer(rebasing: bytes[offset..<offset + field.value.count])
      place.copyBytes(from: field.value)
      slots[Int(field.header.rawValue)] = UnsafeRawBufferPointer(
        start: bytes.baseAddress.map { $0 + offset }, count: field.value.count)
      offset += field.value.count
    }
    return try use(RequestHeaders(slots: slots))
  }
}
