/// One call of a client: what has come of it, and what it is answered. Belongs to the thread of its session.
package final class Call {
  /// How far it has come.
  enum Step {
    case headers
    case message
    /// All is here; it waits for its answer.
    case whole
    /// The answer is given, and may still have to be sent. What comes now is thrown away.
    case answered
  }

  /// Its number on the connection.
  let stream: Int32
  /// When its first bytes came, on the session's clock.
  let beganMs: UInt64
  var step = Step.headers
  /// When its answer was given.
  var answeredMs: UInt64?
  var headers = HeaderList()
  var message = MessageReader()
  /// Where its message is kept; `nil` before some of it has come, and when it is done with.
  package internal(set) var store: (any MessageStore)?
  /// The client has sent all that it will.
  var hasClientEnded = false
  /// What is left to send of the answer's message, its frame included.
  var answer: [UInt8] = []
  var answerSent = 0
  var status = CallStatus(.ok)
  /// The answer is text, and no message of gRPC.
  var isPlain = false

  init(stream: Int32, nowMs: UInt64) {
    self.stream = stream
    beganMs = nowMs
  }

  /// Whether the message, or the headers, are still coming.
  var isArriving: Bool { step == .headers || step == .message }

  /// Bytes of the message that have come, as they came.
  package var receivedBytes: Int { message.received }

  /// Bytes of the message as the client announced them; `nil` before that.
  package var announcedBytes: Int? { message.length }

  /// The method that is called, as in `/package.Service/Method`. Valid as long as the call, like everything below.
  package var path: UnsafeRawBufferPointer { headers.first(":path") ?? UnsafeRawBufferPointer(start: nil, count: 0) }

  /// The message as it came, perhaps compressed.
  package var bytes: UnsafeRawBufferPointer { store?.bytes ?? UnsafeRawBufferPointer(start: nil, count: 0) }

  /// What the message is compressed with, as the client names it; `nil` where it is not.
  package var encoding: UnsafeRawBufferPointer? { message.isCompressed ? headers.first("grpc-encoding") : nil }

  /// Calls `body` with each header, its name in small letters.
  package func forEachHeader(_ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Void) {
    headers.forEach(body)
  }

  /// Whether the headers are those of a call of gRPC whose messages are protobuf.
  var isGRPC: Bool {
    guard headers.first(":method")?.elementsEqual("POST".utf8) == true, let type = headers.first("content-type") else {
      return false
    }
    let name = type.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") }
    return name.elementsEqual("application/grpc".utf8) || name.elementsEqual("application/grpc+proto".utf8)
  }

  /// A message that is said to be compressed, and not with what.
  var lacksEncoding: Bool {
    message.isCompressed && (headers.first("grpc-encoding").map { $0.elementsEqual("identity".utf8) } ?? true)
  }
}
