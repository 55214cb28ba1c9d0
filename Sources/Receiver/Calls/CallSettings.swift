/// How calls of gRPC are taken.
package struct CallSettings: Sendable, Equatable {
  /// Bytes of one message as it comes.
  package var messageBytesMax: Int
  /// Calls that may be open on one connection at a time.
  package var callsMax: Int
  /// Connections that may speak HTTP/2. Each costs some 40 kB, more than one of HTTP/1.1, so they are fewer.
  package var connectionsMax: Int

  /// Settings as they are configured.
  package init(messageBytesMax: Int = 26_214_400, callsMax: Int = 100, connectionsMax: Int = 256) {
    self.messageBytesMax = messageBytesMax
    self.callsMax = callsMax
    self.connectionsMax = connectionsMax
  }
}
