import Receiver
import TraceModel

/// The texts by which clients are distinguished; `nil` where the client says nothing. Lives no longer than the request.
struct ClientIdentity {
  let language: UnsafeRawBufferPointer?
  let languageVersion: UnsafeRawBufferPointer?
  let interpreter: UnsafeRawBufferPointer?
  let tracerVersion: UnsafeRawBufferPointer?

  /// The fields that are compared: all of them.
  static let textCount = 4

  /// One of the `textCount` texts, in the order of the fields; empty where the client says nothing.
  subscript(_ number: Int) -> UnsafeRawBufferPointer {
    let text =
      switch number {
      case 0: language
      case 1: languageVersion
      case 2: interpreter
      default: tracerVersion
      }
    return text ?? UnsafeRawBufferPointer(start: nil, count: 0)
  }
}

extension ClientIdentity {
  /// As the headers of a request say.
  init(_ headers: RequestHeaders) {
    self.init(
      language: headers[.metaLang], languageVersion: headers[.metaLangVersion],
      interpreter: headers[.metaLangInterpreter], tracerVersion: headers[.metaTracerVersion])
  }

  /// As the client of an accepted payload says, in the place where its format has that.
  init(_ place: TraceFormat.ClientDescription, _ headers: RequestHeaders, _ batch: borrowing SpanBatch) {
    switch place {
    case .headers: self.init(headers)
    case .body:
      self.init(
        language: batch.bytes(batch.payload.languageName), languageVersion: batch.bytes(batch.payload.languageVersion),
        interpreter: headers[.metaLangInterpreter], tracerVersion: batch.bytes(batch.payload.tracerVersion))
    }
  }
}
