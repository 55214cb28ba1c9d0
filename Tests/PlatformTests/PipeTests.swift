import Platform
import Testing

@Suite struct `A pipe` {
  private func read(_ descriptor: Int32) -> Int {
    var byte: UInt8 = 0
    return unistdRead(descriptor, &byte, 1)
  }

  @Test func `gives back what was written, does not block, and is not inherited`() throws {
    let pipe = try Pipe()
    var byte: UInt8 = 7
    #expect(read(pipe.readEnd) == -1 && errno == EAGAIN)
    #expect(write(pipe.writeEnd, &byte, 1) == 1)
    #expect(read(pipe.readEnd) == 1)
    for end in [pipe.readEnd, pipe.writeEnd] { #expect(fcntl(end, F_GETFD) & FD_CLOEXEC != 0) }
  }

  @Test func `closes both ends, also as a part of another`() throws {
    // A copy of the end that reads sees the end of the stream only when nobody can write any more.
    let copy = try { () throws -> Int32 in
      let pipe = try Pipe()
      return dup(pipe.readEnd)
    }()
    defer { close(copy) }
    #expect(read(copy) == 0)
    var gate: WakePipe? = try WakePipe()
    let end = dup(try #require(gate?.readEnd))
    defer { close(end) }
    #expect(read(end) == -1)
    gate = nil
    #expect(read(end) == 0)
  }
}

/// The system's `read`, under a name that the method above does not hide.
private func unistdRead(_ descriptor: Int32, _ room: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(descriptor, room, count)
}
