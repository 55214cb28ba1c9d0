/// How a call of gRPC ends, as its last headers say: `grpc-status` and `grpc-message`.
package struct CallStatus: Sendable, Equatable {
  /// The codes that are answered, of those in gRPC's specification.
  package enum Code: UInt8, Sendable, CaseIterable {
    case ok = 0
    case unknown = 2
    case invalidArgument = 3
    case deadlineExceeded = 4
    case permissionDenied = 7
    case resourceExhausted = 8
    case unimplemented = 12
    case internalError = 13
    /// The only one besides `deadlineExceeded` after which an exporter of OTLP tries again.
    case unavailable = 14
  }

  /// What a program goes by, whatever the message says.
  package var code: Code
  /// One sentence for a person; empty for a call that went well.
  package var message: String

  /// The end of a call for a reason; the message may hold any characters.
  package init(_ code: Code, _ message: String = "") {
    self.code = code
    self.message = message
  }

  /// What a status of HTTP comes to, as gRPC's page "HTTP to gRPC Status Code Mapping" has it.
  package init(httpStatus status: UInt16, _ message: String) {
    let code: Code
    switch status {
    case 200: code = .ok
    case 400: code = .internalError
    case 403: code = .permissionDenied
    case 404: code = .unimplemented
    case 429, 502, 503, 504: code = .unavailable
    default: code = .unknown
    }
    self.init(code, message)
  }

  /// The message as a header may hold it: what is no printable ASCII, and the percent sign, as `%` and two digits.
  var encodedMessage: [UInt8] {
    let digits = Array("0123456789ABCDEF".utf8)
    var encoded: [UInt8] = []
    encoded.reserveCapacity(message.utf8.count)
    for byte in message.utf8 {
      if (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "%") {
        encoded.append(byte)
      } else {
        encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
      }
    }
    return encoded
  }
}
