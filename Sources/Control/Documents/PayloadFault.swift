import JSON

/// What is wrong with a payload, and where.
package struct PayloadFault: Sendable, Equatable, Codable {
  /// All of it on one line, as the client was answered.
  package var message: String
  /// Index in the payload, or in what it is compressed to where that is at fault; `nil` when there is no such place.
  package var byteOffset: Int64?
  /// Index of the trace in the payload and of the span in the trace; `nil` before the first.
  package var trace: Int64?
  package var span: Int64?
  /// The span's field, or the part of the payload; empty when the payload could not be decompressed.
  package var field = ""
  /// What should stand there, and what stands there instead, in a few words.
  package var expected = ""
  package var seen = ""

  /// A fault of which only the text is known.
  package init(message: String, byteOffset: Int64? = nil) {
    self.message = message
    self.byteOffset = byteOffset
  }

  /// Whether the bytes could not even be decompressed.
  package var isOfCompression: Bool { field.isEmpty }
}

extension PayloadFault: DecodableWithDefaults {
  /// What stands for members that an agent of another version does not send.
  package static var decodingDefaults: PayloadFault { PayloadFault(message: "") }
}
