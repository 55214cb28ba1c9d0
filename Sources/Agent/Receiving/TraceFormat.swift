import Decoding

/// A payload format of traces: all that the agent has to know of it. The served ones are in `ServedRoutes`.
struct TraceFormat: Sendable {
  /// `v0.4`: the label in `roost info` and in the log.
  let name: String
  /// Where clients send it; what is said of a client's mistakes names the first.
  let paths: [ServedPath]
  let mediaTypes: MediaTypes
  let emptyBody: EmptyBody
  let answer: AnswerPolicy
  let client: ClientDescription
  let decode: TracesDecoder

  /// Which bodies are tried at all, by their declared type and their first byte.
  struct MediaTypes: Sendable {
    /// Beginnings of `Content-Type` that declare the format; with none of them that header is not looked at.
    let names: [StaticString]
    /// Whether a body that was not declared may be in the format, by its first byte.
    let mayBegin: @Sendable (UInt8) -> Bool

    /// Every body is tried, whatever it is declared to be.
    static let any = MediaTypes(names: [], mayBegin: { _ in true })
    /// Below 0x80 MessagePack has only small numbers, with which no payload begins, and text has all its characters. So
    /// JSON, for one, gets 415.
    static let messagePack = MediaTypes(names: ["application/msgpack"], mayBegin: { $0 >= 0x80 })
  }

  /// What a body of no bytes is.
  enum EmptyBody: Sendable {
    /// As short as any other that ends too early: the decoder says so.
    case tooShort
    /// A request that broke off, unless it is declared to be of the format's type.
    case brokenOff
  }

  /// What a client hears when its payload was taken.
  enum AnswerPolicy: Sendable {
    /// The text `OK`, whatever the sampling rates.
    case okText
    /// The sampling rates of its services.
    case rates
  }

  /// Where a client describes itself.
  enum ClientDescription: Sendable {
    case headers
    /// In the payload; headers fill in what it does not say.
    case body
  }

  /// The path that current clients use.
  var path: String { paths.first?.text ?? "" }
}

/// One path that is served. One that ends in `/` stands for everything below it.
struct ServedPath: Sendable, Equatable {
  let text: String
  /// Whether `/info` names it, for tracers to find.
  let isListed: Bool

  static func listed(_ text: String) -> ServedPath { ServedPath(text: text, isListed: true) }
  static func hidden(_ text: String) -> ServedPath { ServedPath(text: text, isListed: false) }
}

/// Which bodies are refused without being decoded.
extension TraceFormat {
  /// Whether an empty body gets the answer of a request that broke off.
  func isBrokenOff(_ body: UnsafeRawBufferPointer, contentType: UnsafeRawBufferPointer?) -> Bool {
    guard body.isEmpty else { return false }
    switch emptyBody {
    case .tooShort: return false
    case .brokenOff: return !mediaTypes.areDeclared(by: contentType)
    }
  }

  /// Whether a body may be in this format by its declared type and its first byte.
  func mayBe(_ body: UnsafeRawBufferPointer, contentType: UnsafeRawBufferPointer?) -> Bool {
    guard !mediaTypes.names.isEmpty, let first = body.first, !mediaTypes.mayBegin(first) else { return true }
    return mediaTypes.areDeclared(by: contentType)
  }
}

extension TraceFormat.MediaTypes {
  /// The names as an answer of 415 lists them.
  var list: String { names.map { "\($0)" }.joined(separator: ", ") }

  fileprivate func areDeclared(by contentType: UnsafeRawBufferPointer?) -> Bool {
    guard let contentType else { return false }
    return names.contains { name in
      contentType.starts(with: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }
  }
}
