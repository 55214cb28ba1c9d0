import TestCalls

@testable import Agent

extension AgentUnderTest {
  /// The method of OTLP that takes traces.
  static let exportPath = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"

  /// One call of gRPC on a connection of its own, and how it ended.
  func call(
    _ body: [UInt8], path: String = AgentUnderTest.exportPath, flag: UInt8 = 0, _ changes: [(String, String)] = []
  ) throws -> ServerFrames.Stream {
    let answers = ServerFrames()
    try exchange(ClientFrame.opening + ClientFrame.call(1, path, body, flag: flag, changes)) { bytes in
      answers.take(bytes)
      return answers[1].isEnded || answers[1].resetCode != nil
    }
    return answers[1]
  }

  /// An export of one span, with a text of some bytes.
  static func export(trace: UInt8, service: String, textBytes: Int = 0) -> [UInt8] {
    func attribute(_ name: String, _ value: [UInt8]) -> [UInt8] {
      field(1, Array(name.utf8)) + field(2, field(1, value))
    }
    let resource = field(1, attribute("service.name", Array(service.utf8)))
    let span =
      field(1, [UInt8](repeating: trace, count: 16)) + field(2, [UInt8](repeating: trace, count: 8))
      + field(5, Array("GET /".utf8)) + field(9, attribute("text", [UInt8](repeating: 120, count: textBytes)))
    return field(1, field(1, resource) + field(2, field(2, span)))
  }

  /// A field of protobuf that has a length.
  private static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
    var (head, left) = ([number << 3 | 2], bytes.count)
    while left >= 128 {
      head.append(UInt8(left & 127 | 128))
      left >>= 7
    }
    return head + [UInt8(left)] + bytes
  }
}
