import Foundation
import Testing

@testable import Platform

@Suite struct `Parts of a file` {
  private let path = FileManager.default.temporaryDirectory.appending(path: "roost-parts-\(UUID().uuidString)").path

  @Test(arguments: [(0, 0), (0, 3), (3, 0), (3, 4), (100_000, 8)])
  func `are written with what stands behind them, where they are to be`(first: Int, second: Int) throws {
    let descriptor = open(path, O_RDWR | O_CREAT, 0o600)
    defer {
      close(descriptor)
      unlink(path)
    }
    try FileParts.write([1, 2, 3, 4, 5], to: descriptor, at: 0)
    let (front, rest) = ([UInt8](repeating: 7, count: first), [UInt8](repeating: 9, count: second))
    try FileParts.write(front, followedBy: rest, to: descriptor, at: 2)
    let expected = [1, 2] + front + rest + [UInt8](arrayLiteral: 1, 2, 3, 4, 5).dropFirst(2 + first + second)
    #expect(try FileParts.read(descriptor, 200_000, at: 0) == expected)
  }

  @Test(arguments: 0...7)
  func `are written to their end where the system has taken fewer at once`(done: Int) throws {
    let descriptor = open(path, O_RDWR | O_CREAT, 0o600)
    defer {
      close(descriptor)
      unlink(path)
    }
    let (front, rest): ([UInt8], [UInt8]) = ([1, 2, 3, 4], [5, 6, 7])
    try FileParts.write([9] + (front + rest).prefix(done), to: descriptor, at: 0)
    try FileParts.finish(front, followedBy: rest, after: done, to: descriptor, at: 1)
    #expect(try FileParts.read(descriptor, 100, at: 0) == [9, 1, 2, 3, 4, 5, 6, 7])
  }

  @Test func `that cannot be written say so`() throws {
    try Data().write(to: URL(filePath: path))
    let descriptor = open(path, O_RDONLY)
    defer {
      close(descriptor)
      unlink(path)
    }
    #expect(throws: SystemError("write", EBADF)) {
      try FileParts.write([1], followedBy: [2], to: descriptor, at: 0)
    }
  }
}
