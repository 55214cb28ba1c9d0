import Platform
import Testing

@testable import Platform

@Suite struct `A wake pipe` {
  @Test func `makes its end readable until it is drained`() throws {
    let pipe = try WakePipe()
    #expect(!isReadable(pipe))
    for _ in 0..<200 { pipe.wake() }
    #expect(isReadable(pipe))
    pipe.drain()
    #expect(!isReadable(pipe))
    pipe.drain()
    pipe.wake()
    #expect(isReadable(pipe))
  }

  @Test func `takes any number of wakes without blocking`() throws {
    let pipe = try WakePipe()
    for _ in 0..<200_000 { pipe.wake() }
    #expect(isReadable(pipe))
  }

  @Test func `lets everybody through who waits, now and later`() throws {
    let pipe = try WakePipe()
    let through = Counter()
    var threads = ThreadGroup()
    for _ in 0..<3 {
      try threads.start { if pipe.waitUntilWoken(atMost: .seconds(60)) { through.increment() } }
    }
    pipe.wake()
    threads.joinAll()
    #expect(through.value == 3)
    #expect(pipe.waitUntilWoken(atMost: .zero))
  }

  @Test(arguments: [Duration.zero, .milliseconds(1), .seconds(-1)])
  func `says when the time is over`(limit: Duration) throws {
    #expect(try WakePipe().waitUntilWoken(atMost: limit) == false)
  }

  private func isReadable(_ pipe: borrowing WakePipe) -> Bool {
    var entry = pollfd(fd: pipe.readEnd, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, 0) == 1
  }
}

@Suite struct `A system error` {
  @Test func `names the call and gives the system's text`() {
    #expect("\(SystemError("pipe", EMFILE))" == "pipe: Too many open files")
    #expect(systemErrorText(ENOENT) == "No such file or directory")
    #expect(!systemErrorText(12345).isEmpty)
  }
}

@Suite struct `Milliseconds of a duration` {
  @Test(arguments: [
    (Duration.zero, Int64(0)), (.nanoseconds(1), 1), (.milliseconds(1), 1), (.microseconds(1_001), 2),
    (.seconds(3), 3000), (.milliseconds(-1), 0), (.seconds(Int64.max), .max), (.seconds(Int64.max / 1000), .max - 807),
  ])
  func `are rounded up and never negative`(duration: Duration, expected: Int64) {
    #expect(duration.milliseconds == expected)
  }
}
