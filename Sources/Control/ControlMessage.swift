import JSON

/// The object that carries a query or an answer: the protocol's version `v`, a `kind`, and a `body` where the kind has
/// one. The body of an answer is the document that programs get, and its internal members.
struct ControlMessage {
  let kind: String
  let body: JSONValue

  /// A message of its kind alone.
  init(_ kind: String) {
    self.kind = kind
    body = .null
  }

  /// A message with a body.
  init(_ kind: String, _ body: some Encodable) throws(ControlError) {
    self.kind = kind
    do { self.body = try JSONValueEncoder.encode(body) } catch { throw .malformed("\(error)") }
  }

  /// A message with a body that is a tree already.
  init(_ kind: String, document: JSONValue) {
    self.kind = kind
    body = document
  }

  /// The JSON object that is written to the control socket.
  var value: JSONValue {
    let head: [(String, JSONValue)] = [("v", .uint(ControlProtocol.version)), ("kind", .string(kind))]
    if case .null = body { return .object(head) }
    return .object(head + [("body", body)])
  }

  /// Throws when the version differs; anything that is no object has version 0.
  init(reading value: JSONValue) throws(ControlError) {
    let version = value["v"]?.integer.map { UInt64(clamping: $0) } ?? 0
    guard version == ControlProtocol.version else { throw .versionMismatch(theirs: version) }
    kind = value["kind"]?.string ?? ""
    body = value["body"] ?? .null
  }

  /// The body, read leniently: an older command may meet a newer agent and the other way round.
  func body<Body: Decodable>(as type: Body.Type = Body.self) throws(ControlError) -> Body {
    do { return try JSONValueDecoder.decode(type, from: body, reading: .lenient) } catch {
      throw .malformed("\(error)")
    }
  }
}
