import JSON

extension TraceID: Codable {
  /// Reads hexadecimal digits; an id of 0 where there are none.
  package init(from decoder: any Decoder) throws {
    self.init(json: .string(try decoder.singleValueContainer().decode(String.self)))
  }

  /// Writes its hexadecimal digits, as all documents do.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(hex)
  }
}
