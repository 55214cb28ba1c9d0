import Platform
import Testing

@testable import Platform

@Suite struct `A joinable thread` {
  @Test func `has run its closure to the end once it is joined`() throws {
    let count = Counter()
    let thread = try JoinableThread(name: "test") { for _ in 0..<1000 { count.increment() } }
    thread.join()
    #expect(count.value == 1000)
  }

  #if !canImport(Darwin)
    @Test func `lets others go first where it works in the background, and nobody else does`() throws {
      @Sendable func niceness() -> Int32 { getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0) }
      let before = niceness()
      let seen = Lock<[Int32]>([])
      for isInBackground in [true, false] {
        try JoinableThread(name: "test", isInBackground: isInBackground) {
          seen.withLock { $0.append(niceness()) }
        }.join()
      }
      #expect(seen.withLock { $0 } == [before + 5, before] && niceness() == before)
    }
  #endif

  @Test func `lets go of what its closure held`() throws {
    final class Held: Sendable {}
    weak var gone: Held?
    do {
      let held = Held()
      gone = held
      let thread = try JoinableThread(name: "test") { _ = held }
      thread.join()
    }
    #expect(gone == nil)
  }

  @Test(arguments: [SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD, SIGALRM])
  func `takes no signal that is for the process`(signal: Int32) throws {
    #expect(try isBlocked(signal) == true)
  }

  @Test(arguments: [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT])
  func `reports its own faults`(signal: Int32) throws {
    #expect(try isBlocked(signal) == false)
  }

  @Test func `leaves the signals of the one that makes it as they were`() throws {
    var before = sigset_t()
    var after = sigset_t()
    pthread_sigmask(SIG_BLOCK, nil, &before)
    try JoinableThread(name: "test") {}.join()
    pthread_sigmask(SIG_BLOCK, nil, &after)
    for signal in 1..<Int32(32) { #expect(sigismember(&before, signal) == sigismember(&after, signal)) }
  }

  @Test func `runs also when a stack is asked for that the system does not take`() throws {
    let count = Counter()
    try JoinableThread(name: "test", stackBytes: 0) { count.increment() }.join()
    #expect(count.value == 1)
  }

  #if os(Linux)
    @Test(arguments: [("roost-accept", "roost-accept"), ("a-name-of-many-letters", "a-name-of-many-"), ("", nil)])
    func `shows its name to the system`(name: String, shown: String?) throws {
      let seen = Lock("")
      try JoinableThread(name: name) {
        guard let file = fopen("/proc/thread-self/comm", "r") else { return }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 32)
        guard fgets(&line, 32, file) != nil else { return }
        let text = line.prefix { $0 != 0 && $0 != 0x0a }.map { UInt8(bitPattern: $0) }
        seen.withLock { $0 = String(decoding: text, as: UTF8.self) }
      }.join()
      if let shown { #expect(seen.withLock { $0 } == shown) }
    }
  #endif

  private func isBlocked(_ signal: Int32) throws -> Bool? {
    let found = Lock<Bool?>(nil)
    try JoinableThread(name: "test") {
      var mask = sigset_t()
      guard pthread_sigmask(SIG_BLOCK, nil, &mask) == 0 else { return }
      let isMember = sigismember(&mask, signal) == 1
      found.withLock { $0 = isMember }
    }.join()
    return found.withLock { $0 }
  }
}
