import TestCalls
import Testing

@testable import GRPC

@Suite struct `The one message of a call` {
  /// Reads pieces of a stream; what was kept, or why it was refused.
  private static func read(
    _ pieces: [[UInt8]], lengthMax: Int = 100, keeps: Bool = true
  ) -> (kept: [UInt8], reader: MessageReader, failure: CallFailure?) {
    var (kept, reader): ([UInt8], MessageReader) = ([], MessageReader())
    for piece in pieces {
      do {
        try piece.withUnsafeBytes { bytes in
          try reader.read(bytes, lengthMax: lengthMax) { more, _ in
            kept += more
            return keeps
          }
        }
      } catch {
        return (kept, reader, error as? CallFailure)
      }
    }
    return (kept, reader, nil)
  }

  @Test(arguments: 1...12)
  func `is found in pieces of any size`(_ size: Int) {
    let stream = ClientFrame.message(Array(10..<17), flag: 1)
    let pieces = stride(from: 0, to: stream.count, by: size).map { Array(stream[$0..<min($0 + size, stream.count)]) }
    let (kept, reader, failure) = Self.read(pieces)
    #expect(kept == Array(10..<17) && failure == nil)
    #expect(reader.isWhole && reader.isCompressed && reader.length == 7)
  }

  @Test(
    arguments: [
      ([], false, nil), ([0, 0, 0, 0], false, nil), ([0, 0, 0, 0, 0], true, nil), ([0, 0, 0, 0, 2, 7], false, nil),
      ([0, 0, 0, 0, 2, 7, 7], true, nil), ([2, 0, 0, 0, 0], false, .malformed),
      ([0, 0, 0, 0, 101], false, .messageTooLarge), ([0, 255, 255, 255, 255], false, .messageTooLarge),
      ([0, 0, 0, 0, 1, 7, 7], false, .malformed), ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0], true, .malformed),
    ] as [([UInt8], Bool, CallFailure?)])
  func `is refused where its frame makes no sense`(_ stream: [UInt8], _ isWhole: Bool, _ expected: CallFailure?) {
    let (_, reader, failure) = Self.read([stream])
    #expect(failure == expected && reader.isWhole == isWhole)
  }

  @Test func `is refused where there is no room for it`() {
    #expect(Self.read([ClientFrame.message([1])], keeps: false).failure == .noRoom)
  }
}
