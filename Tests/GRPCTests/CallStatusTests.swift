import Testing

@testable import GRPC

@Suite struct `The status of a call` {
  @Test(
    arguments: [
      ("all is well", "all is well"), ("100 %", "100 %25"), ("a\nb", "a%0Ab"), ("\u{7F}~ ", "%7F~ "), ("é", "%C3%A9"),
      ("", ""),
    ])
  func `has a message that a header can hold`(_ message: String, _ encoded: String) {
    #expect(String(decoding: CallStatus(.unknown, message).encodedMessage, as: UTF8.self) == encoded)
  }

  @Test(
    arguments: [
      (200, .ok), (400, .internalError), (403, .permissionDenied), (404, .unimplemented), (429, .unavailable),
      (503, .unavailable), (504, .unavailable), (415, .unknown), (500, .unknown),
    ] as [(UInt16, CallStatus.Code)])
  func `follows from that of HTTP`(_ status: UInt16, _ code: CallStatus.Code) {
    #expect(CallStatus(httpStatus: status, "why") == CallStatus(code, "why"))
  }

  @Test func `has the numbers of gRPC's specification`() {
    #expect(CallStatus.Code.allCases.map(\.rawValue) == [0, 2, 3, 4, 7, 8, 12, 13, 14])
  }

  @Test func `lets exporters try again where the agent is to blame, and only there`() {
    let retried: Set<CallStatus.Code> = [.unavailable, .deadlineExceeded]
    let failures = CallFailure.allCases.filter { $0.status.map { retried.contains($0.code) } ?? false }
    #expect(failures == [.noRoom, .timedOut])
  }
}
