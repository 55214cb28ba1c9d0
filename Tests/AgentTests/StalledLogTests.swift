import Foundation
import Synchronization
import TestSpans
import Testing

@testable import Agent

@Suite struct `A log that nobody reads` {
  /// A pipe with a name that is full, and so makes whoever writes to it wait.
  private final class FullPipe: @unchecked Sendable {
    let path = FileManager.default.temporaryDirectory.appending(path: "roost-pipe-\(UUID().uuidString)").path
    private let descriptor: Int32

    init() throws {
      guard mkfifo(path, 0o600) == 0 else { throw CocoaError(.fileWriteUnknown) }
      descriptor = open(path, O_RDWR | O_NONBLOCK)
      let block = [UInt8](repeating: 0x2e, count: 4_096)
      while write(descriptor, block, block.count) > 0 {}
      while write(descriptor, block, 1) > 0 {}
    }

    deinit {
      close(descriptor)
      unlink(path)
    }

    /// Makes room again.
    func drain() {
      var room = [UInt8](repeating: 0, count: 65_536)
      while read(descriptor, &room, room.count) > 0 {}
    }
  }

  private final class Done: Sendable {
    let flag = Atomic<Bool>(false)
    var isSet: Bool { flag.load(ordering: .acquiring) }
    func set() { flag.store(true, ordering: .releasing) }
  }

  private struct Shared: @unchecked Sendable {
    let agent: AgentUnderTest
  }

  @Test(arguments: [false, true])
  func `keeps the client waiting that it is about, and nobody who asks the agent`(isOverloaded: Bool) throws {
    let pipe = try FullPipe()
    let clock = WallClock { TestSpan.someTimeNs }
    let shared = Shared(
      agent: try AgentUnderTest(threads: 1, log: Log(level: .warn, path: pipe.path, clock: clock)))
    shared.agent.receiver.setOverloaded(isOverloaded)
    let (answered, asked) = (Done(), Done())
    Thread.detachNewThread {
      _ = try? shared.agent.post("/v0.4/traces", [0xC1], traces: 1, ["Content-Type": "application/msgpack"])
      answered.set()
    }
    Thread.detachNewThread {
      // Asked again and again until the request shows, which is when its line waits for room in the pipe.
      while shared.agent.info.refused.isEmpty { sched_yield() }
      _ = shared.agent.info
      asked.set()
    }
    #expect(eventually { asked.isSet }, "the shard is locked by a thread that waits for the log")
    #expect(!answered.isSet)
    #expect(
      eventually {
        pipe.drain()
        return answered.isSet && asked.isSet
      })
  }
}
