import Control

/// The bytes of a payload, and what is known of them.
package struct CapturedPayload: Sendable {
  package var bytes: [UInt8]
  /// The format's label; `nil` where its bytes and the file's name are to tell it.
  package var format: String?
  /// As its client declared it; empty where that is not known.
  package var contentType = ""
  /// The name of the file that it was read from.
  package var fileName = ""
  /// Whether it may be compressed with gzip or zstd, as its first bytes tell then.
  package var mayBeCompressed = true
  /// What the agent knows of one that it kept.
  package var received: BadPayload?

  /// A payload from a file.
  /// - Parameter format: its label; `nil` where the bytes and the file's name are to tell it.
  package init(_ bytes: [UInt8], fileName: String, format: String?) {
    self.bytes = bytes
    self.fileName = fileName
    self.format = format
  }

  /// A payload that the agent kept, with as many of its bytes as it has.
  package init(_ payload: BadPayload) {
    bytes = payload.beginning.bytes
    format = payload.row.format
    contentType = payload.row.contentType
    // The agent has decompressed it, or could not.
    mayBeCompressed = false
    received = payload
  }
}

/// Why a payload could not be looked into at all.
package enum InspectionError: Error, Equatable, Sendable {
  case empty
  /// Neither its bytes nor the file's name tell its format.
  case unknownFormat
  /// What it is compressed from is larger than can be looked into.
  case tooLarge
}
