/// The HTTP method of a request.
package enum RequestMethod: UInt8, Sendable {
  case put, post, get, head, options, delete, other

  init(_ text: UnsafeRawBufferPointer) {
    switch text.count {
    case 3 where text.elementsEqual("PUT".utf8): self = .put
    case 3 where text.elementsEqual("GET".utf8): self = .get
    case 4 where text.elementsEqual("POST".utf8): self = .post
    case 4 where text.elementsEqual("HEAD".utf8): self = .head
    case 6 where text.elementsEqual("DELETE".utf8): self = .delete
    case 7 where text.elementsEqual("OPTIONS".utf8): self = .options
    default: self = .other
    }
  }

  /// As in a request line; `nil` for a method that is not told from others.
  package var text: String? {
    switch self {
    case .put: "PUT"
    case .post: "POST"
    case .get: "GET"
    case .head: "HEAD"
    case .options: "OPTIONS"
    case .delete: "DELETE"
    case .other: nil
    }
  }
}

/// One whole request, on the thread of the worker that read it or on the one that it was left to (`DetachedRequest`).
///
/// Everything it points to is valid only until the handler returns; it cannot be copied so that it cannot be kept.
package struct Request: ~Copyable {
  package let method: RequestMethod
  /// The path, percent-decoded, without the query.
  package let path: UnsafeRawBufferPointer
  /// The request line named a whole URL (`PUT http://host:8126/v0.4/traces`), as clients write it to a proxy.
  package let isAbsoluteForm: Bool
  package let headers: RequestHeaders
  /// The body as the client sent it: chunks joined, never decompressed. At most `maxPayloadBytes`.
  package let body: UnsafeRawBufferPointer
  /// What `Content-Length` said; `nil` for a chunked body or none.
  package let declaredLength: Int?
  /// The worker, `0 ..< threads`, whose requests never overlap, so that the handler may keep state for each without a
  /// lock; for a request on another thread, what that was told.
  package let shard: Int
  package let peer: PeerIdentity
  /// Not counted as a reference, which would cost every request: the worker holds it for as long as the handler runs.
  unowned(unsafe) let lateAnswers: LateAnswers
  /// A call of gRPC: the path is its method, the body its message, and what compresses that is in `contentEncoding`.
  package let isCall: Bool
  /// The request as libmicrohttpd knows it, for what is looked up only when it is asked for;
  /// `nil` for one that has left its connection.
  let exchange: OpaquePointer?
  /// `nil` for one that has left its connection already.
  var heldBody: HeldBody? = nil
}

/// Why a request never reached the handler.
package enum RejectionReason: Int, Sendable, CaseIterable {
  /// The body is, or is declared to be, larger than `maxPayloadBytes`.
  case payloadTooLarge
  /// The request did not arrive completely within `requestTimeout`.
  case timeout
  /// The client closed the connection before the end of the body.
  case unexpectedEOF
  /// The head, or the chunks of the body, break HTTP's rules.
  case malformed
  /// More than `headerBytesMax` bytes of request line and headers.
  case headersTooLarge
  /// A `Transfer-Encoding` other than `chunked`.
  case unsupportedEncoding
  /// The bodies that are arriving would together need more than `bodyBytesInFlightMax`.
  case memoryLimit
  /// Its connection was closed in favour of a new one, because `maxConnections` were open and it had not come whole.
  case gaveWay
  /// The server is stopping and takes no new requests.
  case stopping
  /// Over HTTP/2, and no call of gRPC.
  case notGRPC
  /// Its answer could not be waited for, because `lateAnswersMax` others were.
  case tooManyLateAnswers

  /// The HTTP status of the answer.
  package var status: UInt16 {
    switch self {
    case .payloadTooLarge: 413
    case .timeout: 408
    case .unexpectedEOF, .malformed: 400
    case .headersTooLarge: 431
    case .unsupportedEncoding: 501
    case .memoryLimit: 429
    case .gaveWay, .stopping, .tooManyLateAnswers: 503
    case .notGRPC: 415
    }
  }

  /// The body of the answer; for the first three the words of the Datadog trace-agent.
  package var answerText: StaticString {
    switch self {
    case .payloadTooLarge: "payload-too-large"
    case .timeout: "timeout"
    case .unexpectedEOF: "unexpected-eof"
    case .malformed: "malformed-request"
    case .headersTooLarge: "headers-too-large"
    case .unsupportedEncoding: "unsupported-transfer-encoding"
    case .memoryLimit: "memory-limit"
    case .gaveWay: "too-many-connections"
    case .stopping: "stopping"
    case .notGRPC: "not-grpc"
    case .tooManyLateAnswers: "too-many-late-answers"
    }
  }

  /// The name that drops are counted under; for the first three that of the Datadog trace-agent's `traces_dropped`.
  package var dropReason: StaticString {
    switch self {
    case .payloadTooLarge: "payload_too_large"
    case .timeout: "timeout"
    case .unexpectedEOF: "unexpected_eof"
    case .malformed: "malformed_request"
    case .headersTooLarge: "headers_too_large"
    case .unsupportedEncoding: "unsupported_transfer_encoding"
    case .memoryLimit: "memory_limit"
    case .gaveWay: "too_many_connections"
    case .stopping: "stopping"
    case .notGRPC: "not_grpc"
    case .tooManyLateAnswers: "too_many_late_answers"
    }
  }
}

/// A request that was refused or broke off, reported once so that its loss can be counted. Valid only during the call.
package struct RejectedRequest: ~Copyable {
  package let reason: RejectionReason
  package let method: RequestMethod
  package let path: UnsafeRawBufferPointer
  package let headers: RequestHeaders
  /// Body bytes that had arrived.
  package let bytesReceived: Int
  package let declaredLength: Int?
  package let shard: Int
  package let peer: PeerIdentity
  /// A call of gRPC, or what came in place of one; see `Request`.
  package let isCall: Bool
}
