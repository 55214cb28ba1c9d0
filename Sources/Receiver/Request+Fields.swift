import CMicroHTTPD

/// What only an endpoint wants to know that passes requests on. Nothing of it is gathered before it is asked for, so that
/// other requests do not pay for it.
extension Request {
  /// A header, or an argument of the query: a name and a value.
  package struct Field: Sendable, Equatable {
    /// As the client wrote it; names of headers are compared without regard to case.
    package var name: String
    /// Empty also where the client sent none.
    package var value: String

    /// A field as a client would send it.
    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// Copies of all headers in the client's order, the values without white space around them. None of a request that has
  /// left its connection, nor of a call.
  package func allHeaders() -> [Field] { fields(.HEADER_KIND) }

  /// Copies of the arguments of the query in their order, percent-decoded, with a space for a plus sign. None of a request
  /// that has left its connection, nor of a call.
  package func arguments() -> [Field] { fields(.GET_ARGUMENT_KIND) }

  private func fields(_ kind: MHD_ValueKind) -> [Field] {
    guard let exchange else { return [] }
    var fields: [Field] = []
    _ = withUnsafeMutablePointer(to: &fields) { MHD_get_connection_values_n(exchange, kind, fieldCollected, $0) }
    return fields
  }
}

/// One header or argument; the context is an array of `Request.Field`.
private let fieldCollected:
  @convention(c) (
    UnsafeMutableRawPointer?, MHD_ValueKind, UnsafePointer<CChar>?, Int, UnsafePointer<CChar>?, Int
  ) -> MHD_Result = { context, _, name, nameBytes, value, valueBytes in
    guard let fields = context?.assumingMemoryBound(to: [Request.Field].self) else { return .NO }
    let value = OptionalWhitespace.without(UnsafeRawBufferPointer(start: value, count: valueBytes))
    fields.pointee.append(
      Request.Field(
        String(decoding: UnsafeRawBufferPointer(start: name, count: nameBytes), as: UTF8.self),
        String(decoding: value, as: UTF8.self)))
    return .YES
  }
