import Compression
import Decoding
import GRPC
import JSON
import Receiver

/// What exporters of OpenTelemetry are answered, as the specifications of OTLP/HTTP and OTLP/gRPC want it: in the encoding of
/// the request, and in a call's status.
struct OTLPAnswers: Sendable {
  private let headers: [AnswerHeader]
  private let taken: Answer
  private let takenJSON: Answer
  /// Kept for each request that waits for the disk, and sent to few.
  private let notDurable: Answer
  private let notDurableJSON: Answer

  /// - Parameter headers: on every answer.
  init(headers: [AnswerHeader]) {
    self.headers = headers
    // A message without fields has no bytes.
    taken = Answer(status: 200, body: PreparedBody([UInt8](), contentType: Self.type(isJSON: false), headers: headers))
    takenJSON = Answer(
      status: 200, body: PreparedBody("{}".utf8, contentType: Self.type(isJSON: true), headers: headers))
    notDurable = Self.refusal(503, .unavailable, AnswerParts.notDurableText, false, headers)
    notDurableJSON = Self.refusal(503, .unavailable, AnswerParts.notDurableText, true, headers)
  }

  func answer(_ outcome: TraceOutcome, _ request: RequestContext) -> Answer {
    let isJSON = MediaType(request.headers[.contentType]) == .json
    switch outcome {
    case .accepted, .counted: return isJSON ? takenJSON : taken
    case .exported(let exported): return answer(exported)
    case .brokenOff: return Self.refusal(400, .invalidArgument, "the body is empty", isJSON, headers)
    case .overloaded, .unreadable(.outOfMemory):
      // After a call that ended with `resourceExhausted` an exporter would not try again.
      let code: CallStatus.Code = request.isCall ? .unavailable : .resourceExhausted
      return Self.refusal(429, code, "roost has no memory left for this request", isJSON, headers)
    case .notDurable: return isJSON ? notDurableJSON : notDurable
    case .unreadable(let error):
      let code: CallStatus.Code
      switch error {
      case .tooLarge: code = .resourceExhausted
      case .unknownEncoding where request.isCall: code = .unimplemented
      default: code = .invalidArgument
      }
      return Self.refusal(
        ReaderAnswers.status(error), code, "\(error)", isJSON, headers + ReaderAnswers.headers(error))
    case .unsupportedMediaType:
      let message = "the body has to be application/x-protobuf or application/json"
      return Self.refusal(415, .invalidArgument, message, isJSON, headers)
    case .undecodable(let error): return Self.refusal(400, .invalidArgument, "\(error)", isJSON, headers)
    }
  }

  /// What is sent besides traces. The headers that every answer has are added by whoever sends it.
  static func unimplemented(_ signal: String, _ contentType: UnsafeRawBufferPointer?) -> Answer {
    let isJSON = MediaType(contentType) == .json
    return refusal(501, .unimplemented, "roost takes traces, and no \(signal)", isJSON, [])
  }

  private func answer(_ exported: ExportedTraces) -> Answer {
    let isJSON = exported.encoding == .json
    let rejected = exported.malformedSpans
    guard rejected > 0 else { return isJSON ? takenJSON : taken }
    let message = "\(rejected) spans of traces with impossible ids"
    let body: [UInt8]
    if isJSON {
      let success: JSONValue = .object([
        ("rejectedSpans", .string(String(rejected))), ("errorMessage", .string(message)),
      ])
      body = Array(JSONValue.object([("partialSuccess", success)]).compactText.utf8)
    } else {
      body = Self.field(1, Self.field(1, UInt64(clamping: rejected)) + Self.field(2, Array(message.utf8)))
    }
    return Answer(status: 200, body: PreparedBody(body, contentType: Self.type(isJSON: isJSON), headers: headers))
  }

  /// An error as gRPC and OTLP write it: a code and a message, of the type google.rpc.Status.
  private static func refusal(
    _ status: UInt16, _ code: CallStatus.Code, _ message: String, _ isJSON: Bool, _ headers: [AnswerHeader]
  ) -> Answer {
    let body: [UInt8]
    if isJSON {
      let value: JSONValue = .object([("code", .int(Int64(code.rawValue))), ("message", .string(message))])
      body = Array(value.compactText.utf8)
    } else {
      body = field(1, UInt64(code.rawValue)) + field(2, Array(message.utf8))
    }
    var answer = Answer(status: status, body: PreparedBody(body, contentType: type(isJSON: isJSON), headers: headers))
    answer.callStatus = CallStatus(code, message)
    return answer
  }

  private static func type(isJSON: Bool) -> String { isJSON ? "application/json" : "application/x-protobuf" }

  // MARK: Protobuf

  private static func field(_ number: UInt64, _ value: UInt64) -> [UInt8] { varint(number << 3) + varint(value) }

  private static func field(_ number: UInt64, _ bytes: [UInt8]) -> [UInt8] {
    varint(number << 3 | 2) + varint(UInt64(bytes.count)) + bytes
  }

  private static func varint(_ value: UInt64) -> [UInt8] {
    var (left, bytes): (UInt64, [UInt8]) = (value, [])
    while left >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: left) | 0x80)
      left >>= 7
    }
    return bytes + [UInt8(left)]
  }
}
