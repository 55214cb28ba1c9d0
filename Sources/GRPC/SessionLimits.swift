/// What one connection may ask for.
package struct SessionLimits: Sendable, Equatable {
  /// Bytes of one call's headers, as HTTP/2 counts them: names, values, and 32 for each.
  package var headerBytesMax: Int
  /// Bytes of one message as it comes.
  package var messageBytesMax: Int
  /// Calls that may be open at a time.
  package var callsMax: Int

  /// Limits as they are configured.
  package init(headerBytesMax: Int = 32_768, messageBytesMax: Int = 26_214_400, callsMax: Int = 100) {
    self.headerBytesMax = headerBytesMax
    self.messageBytesMax = messageBytesMax
    self.callsMax = callsMax
  }

  /// Bytes that a client may send before it hears that they were taken: of a call, and of all calls of a connection. Usual
  /// requests of exporters fit, so that they need no round trip; what is sent is taken at once in any case.
  static let windowBytes: Int32 = 1 << 20
}
