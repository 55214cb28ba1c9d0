import JSON

/// What the API says to a request that it understood.
struct APIDocument: Sendable, Equatable {
  /// Bytes of one answer at most: what the largest trace takes that is handed out whole.
  static let bytesMax = 32 << 20

  /// With the encoding, where it is text.
  var mediaType: String
  var bytes: [UInt8]

  /// Lines for people and for programs that read no JSON.
  init(text: String, mediaType: String = "text/plain; charset=utf-8") {
    self.mediaType = mediaType
    bytes = Array(text.utf8)
  }

  /// Bytes that came from elsewhere, as they are.
  init(mediaType: String, bytes: [UInt8]) {
    self.mediaType = mediaType
    self.bytes = bytes
  }

  /// A document of the API.
  init(json: JSONValue) {
    mediaType = "application/json"
    bytes = json.compactBytes
  }
}

extension APIProblem {
  static let tooLarge = APIProblem(
    "too_large", "the answer would have more than \(APIDocument.bytesMax >> 20) MB; ask for less", status: 503)

  static let searching = APIProblem("busy", "the agent is at other queries; try again", status: 503)

  static let noMemory = APIProblem(
    "busy", "the agent has no memory left for the answer (apm_config.max_memory); try again", status: 503)

  static let stopping = APIProblem("stopping", "the agent is stopping", status: 503)

  static let busy = APIProblem("busy", "too many answers wait to be read; try again", status: 503)
}
