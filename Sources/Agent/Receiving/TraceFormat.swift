import Decoding
import TraceModel

/// A payload format of traces, or of statistics that tracers make of them: all that the agent has to know of it. The served ones are in `ServedRoutes`.
struct TraceFormat: Sendable {
  /// `v0.4`: the label in `roost info` and in the log.
  let name: String
  /// Where clients send it; what is said of a client's mistakes names the first.
  let paths: [ServedPath]
  let encoding: Encoding
  let answer: AnswerPolicy
  let client: ClientDescription
  /// What bodies look like, for telling the format of a captured one.
  let shapes: [PayloadShape]
  /// Whether a payload that the agent cannot take is always answered with 429. Clients of older formats have to ask for it.
  var refusesOpenly = false

  /// How bodies are written, and what reads them.
  enum Encoding: Sendable {
    /// MessagePack, whatever a body is declared to be.
    case messagePack(TracesDecoder)
    /// JSON, unless a body is declared to be MessagePack.
    case json(TracesDecoder)
    /// What a body is declared to be. Where that is neither, its first byte says it.
    case messagePackOrJSON(TracesDecoder, json: TracesDecoder)
    /// No traces but statistics of them that the tracer computed: MessagePack, as `ClientStatisticsV06` reads it.
    case clientStatistics
    /// OTLP, in the encoding that a body is declared to be in.
    case otlp
  }

  /// What a client hears when its payload was taken.
  enum AnswerPolicy: Sendable {
    /// The text `OK`, whatever the sampling rates.
    case okText
    /// The sampling rates of its services.
    case rates
    /// An answer without a body.
    case empty
    /// What OTLP wants: an `ExportTraceServiceResponse`, or a `Status` for what is wrong, in the encoding of the request.
    case otlp
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
  /// Whether it is a method of gRPC, and nothing in HTTP/1.1.
  var isCall = false

  static func listed(_ text: String) -> ServedPath { ServedPath(text: text, isListed: true) }
  static func hidden(_ text: String) -> ServedPath { ServedPath(text: text, isListed: false) }

  /// The method `Export` of one of OpenTelemetry's services.
  static func export(to service: String) -> ServedPath {
    ServedPath(text: "/opentelemetry.proto.collector.\(service)/Export", isListed: false, isCall: true)
  }
}

extension TraceFormat {
  /// What to do with a body.
  enum Reading {
    case decode(TracesDecoder)
    case decodeStatistics
    case decodeOTLP(TracesOTLP.Encoding)
    /// An empty one where there has to be a document: the client broke off.
    case brokenOff
    case unsupportedMediaType
  }

  /// What to do with a body, by its declared type and its first byte. An empty body of MessagePack is left to the decoder,
  /// as one that ends too early.
  func reading(of body: UnsafeRawBufferPointer, contentType: UnsafeRawBufferPointer?) -> Reading {
    switch encoding {
    case .messagePack(let decode): return .decode(decode)
    case .clientStatistics: return .decodeStatistics
    case .json(let decode):
      if MediaType(contentType) == .messagePack { return .unsupportedMediaType }
      return body.isEmpty ? .brokenOff : .decode(decode)
    case .otlp:
      switch MediaType(contentType) {
      case .protobuf: return .decodeOTLP(.protobuf)
      case .json: return body.isEmpty ? .brokenOff : .decodeOTLP(.json)
      case .messagePack: return .unsupportedMediaType
      case .other:
        // Nothing is said of a body that was captured.
        guard contentType?.isEmpty ?? true else { return .unsupportedMediaType }
        return .decodeOTLP(isJSON(body, contentType: contentType) ? .json : .protobuf)
      }
    case .messagePackOrJSON(let decode, let decodeJSON):
      guard isJSON(body, contentType: contentType) else { return .decode(decode) }
      return body.isEmpty ? .brokenOff : .decode(decodeJSON)
    }
  }

  /// Whether a body is read as JSON, by its declared type and its first byte.
  func isJSON(_ body: UnsafeRawBufferPointer, contentType: UnsafeRawBufferPointer?) -> Bool {
    switch encoding {
    case .messagePack, .clientStatistics: return false
    case .json: return true
    case .otlp:
      let type = MediaType(contentType)
      // A message begins with a tag, of which the one of the only field looks like a line feed.
      return type == .json || (type == .other && body.first { $0 > 0x20 } == 0x7B && body.first != 0x0A)
    case .messagePackOrJSON:
      let type = MediaType(contentType)
      if type == .messagePack { return false }
      // Below 0x80 MessagePack has only small numbers, with which no payload begins, and text has all its characters.
      return type == .json || body.first.map { $0 < 0x80 } ?? true
    }
  }
}

/// What a request's `Content-Type` says of its body (RFC 2045).
enum MediaType {
  case messagePack, json, protobuf
  /// Another type, none, or no type at all.
  case other

  init(_ contentType: UnsafeRawBufferPointer?) {
    let value = contentType ?? UnsafeRawBufferPointer(start: nil, count: 0)
    let end = value.firstIndex { $0 == 0x3B || $0 == 0x20 || $0 == 0x09 } ?? value.count
    let name = UnsafeRawBufferPointer(rebasing: value[..<end])
    if ByteString.equalIgnoringCase(name, "application/msgpack") {
      self = .messagePack
    } else if ByteString.equalIgnoringCase(name, "application/json") || ByteString.equalIgnoringCase(name, "text/json")
    {
      self = .json
    } else if ByteString.equalIgnoringCase(name, "application/x-protobuf")
      || ByteString.equalIgnoringCase(name, "application/protobuf")
      || ByteString.equalIgnoringCase(name, "application/grpc")
      || ByteString.equalIgnoringCase(name, "application/grpc+proto")
    {
      self = .protobuf
    } else {
      self = .other
    }
  }
}
