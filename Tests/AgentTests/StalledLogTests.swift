import Foundation
import Platform
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

    /// Reads what is in it, which makes room again.
    func drain() -> String {
      var text = ""
      var room = [UInt8](repeating: 0, count: 65_536)
      while case let count = read(descriptor, &room, room.count), count > 0 {
        text += String(decoding: room.prefix(count), as: UTF8.self)
      }
      return text
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
  func `keeps nobody waiting: neither the client that it is about, nor who asks the agent`(isOverloaded: Bool) throws {
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
      while shared.agent.info.refused.isEmpty { sched_yield() }
      asked.set()
    }
    #expect(eventually { asked.isSet && answered.isSet })
    var text = pipe.drain()
    #expect(
      eventually {
        text += pipe.drain()
        return text.contains(isOverloaded ? "over the memory limit" : "cannot decode")
      })
  }

  @Test func `says what it had to leave out when somebody reads it again, at its place`() throws {
    let pipe = try FullPipe()
    let log = Log(level: .info, path: pipe.path, clock: WallClock { TestSpan.someTimeNs })
    // The first lines are those that the thread has taken; it waits with them, and what follows fills the rest.
    for number in 1...2_000 { log.info("line \(number) " + String(repeating: "x", count: 300)) }
    let lost = log.linesLost
    #expect(lost > 0 && lost < 2_000)
    log.flush(atMost: .milliseconds(1))
    var text = pipe.drain()
    #expect(
      eventually {
        text += pipe.drain()
        return text.contains("left out here")
      })
    log.info("after")
    #expect(
      eventually {
        text += pipe.drain()
        return text.contains("INFO after\n")
      })
    let lines = text.drop { $0 == "." }.split(separator: "\n")
    #expect(lines.count == 2_000 - lost + 2)
    #expect(
      lines.suffix(2).first?.hasSuffix(
        "WARN \(lost) lines were left out here: nobody read this log, or it could not be written") == true)
    #expect(log.linesLost == lost)
  }

  /// Fills a pipe, lets a line wait for its reader, and gives the writer another descriptor meanwhile.
  @Test(arguments: [true, false])
  func `is closed when its last line is out, though nothing more is written, and not before`(hasThread: Bool) throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    defer { close(ends[0]) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
    let block = [UInt8](repeating: 0x2e, count: 4_096)
    while write(ends[1], block, block.count) > 0 {}
    while write(ends[1], block, 1) > 0 {}
    let writer = LogWriter(descriptor: ends[1], isOwned: true, hasThread: hasThread) { "\($0) lost\n" }
    let (began, written) = (Done(), Done())
    Thread.detachNewThread {
      began.set()
      writer.add("the last line\n")
      written.set()
    }
    #expect(eventually { began.isSet && (written.isSet || !hasThread) })
    if hasThread { writer.flush(atMost: .milliseconds(20)) }
    let next = open("/dev/null", O_WRONLY | O_CLOEXEC)
    let isTaken = eventually { writer.isWriting }
    writer.replace(descriptor: next)
    var text = ""
    var room = [UInt8](repeating: 0, count: 65_536)
    var isClosed = false
    #expect(
      eventually {
        let count = read(ends[0], &room, room.count)
        if count > 0 { text += String(decoding: room.prefix(count), as: UTF8.self) }
        isClosed = count == 0
        return isClosed
      })
    #expect(isTaken && text.hasSuffix(".the last line\n") && eventually { written.isSet } && writer.linesLost == 0)
  }

  @Test func `is counted in what the agent says of itself`() throws {
    let log = Log(level: .warn, path: "/dev/full", clock: WallClock { TestSpan.someTimeNs })
    let agent = try AgentUnderTest(log: log)
    #expect(agent.info.logLinesLost == 0)
    _ = try agent.post("/v0.4/traces", [0xC1], traces: 1, ["Content-Type": "application/msgpack"])
    #expect(eventually { agent.info.logLinesLost == 1 })
  }

  @Test func `a descriptor that cannot be written to loses lines, and the agent nothing`() {
    let log = Log(level: .info, path: "/dev/full", clock: WallClock { TestSpan.someTimeNs })
    for number in 1...3 {
      log.info("lost")
      log.flush(atMost: .seconds(20))
      #expect(log.linesLost == number)
    }
  }

  private final class Batches: Sendable {
    let texts = Lock<[String]>([])
  }

  @Test func `counts once what is lost of several lines, and says it until that can be written`() {
    let losses = [[0], [1], [0], []]
    let batches = Batches()
    let writer = LogWriter(
      descriptor: open("/dev/null", O_WRONLY | O_CLOEXEC), isOwned: true,
      sending: { lines, _ in
        batches.texts.withLock { texts in
          texts.append(String(decoding: lines, as: UTF8.self))
          return LogWriter.Outcome(lost: losses[texts.count - 1])
        }
      }, notice: { "\($0) lost\n" })
    for line in ["a\n", "b\n", "c\n", "d\n"] {
      writer.add(line)
      writer.flush(atMost: .seconds(20))
    }
    #expect(batches.texts.withLock { $0 } == ["a\n", "1 lost\nb\n", "1 lost\nc\n", "1 lost\nd\n"])
    #expect(writer.linesLost == 2)
  }
}
