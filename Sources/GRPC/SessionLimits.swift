/// What one connection may ask for.
package struct SessionLimits: Sendable, Equatable {
  /// Bytes of one call's headers, as HTTP/2 counts them: names, values, and 32 for each.
  package var headerBytesMax: Int
  /// Bytes of memory that the headers of all calls that are open on it may take.
  package var openHeaderBytesMax: Int
  /// Bytes of one message as it comes.
  package var messageBytesMax: Int
  /// Calls that may be open at a time.
  package var callsMax: Int

  /// Limits as they are configured.
  package init(headerBytesMax: Int = 32_768, messageBytesMax: Int = 26_214_400, callsMax: Int = 100) {
    self.headerBytesMax = headerBytesMax
    openHeaderBytesMax = max(Self.openHeaderBytesMin, callsMax * Self.usualHeaderBytes)
    self.messageBytesMax = messageBytesMax
    self.callsMax = callsMax
  }

  /// Enough for some hundred calls of an exporter, and for several with the largest headers.
  private static let openHeaderBytesMin = 256 << 10
  /// What the headers of an exporter's call take.
  private static let usualHeaderBytes = 1 << 10

  /// Bytes that a client may send before it hears that they were taken: of a call, and of all calls of a connection.
  /// Usual requests of exporters fit, so that they need no round trip. What is sent is taken at once in any case.
  static let windowBytes: Int32 = 1 << 20
}
