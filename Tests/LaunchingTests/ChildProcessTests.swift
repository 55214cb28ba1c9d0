import Platform
import Testing

@testable import Launching

@Suite struct `A program that was started` {
  private func words(_ texts: String...) -> [[UInt8]] { texts.map { Array($0.utf8) } }

  /// What becomes of it; a stop is not waited past.
  private func ending(_ child: ChildProcess) -> ChildProcess.Change? {
    for _ in 0..<20_000 {
      if let change = child.poll() { return change }
      var nothing = pollfd(fd: -1, events: 0, revents: 0)
      poll(&nothing, 1, 1)
    }
    return nil
  }

  @Test(arguments: [0, 1, 3, 255] as [Int32])
  func `ends with its code`(_ code: Int32) throws {
    let child = try ChildProcess(words("sh", "-c", "exit \(code)"), environment: [], streams: .errorsOnly)
    #expect(ending(child) == .exited(code: code))
  }

  @Test func `is ended by a signal, and stopped by one`() throws {
    let child = try ChildProcess(words("sleep", "60"), environment: [], streams: .errorsOnly)
    #expect(child.poll() == nil)
    #expect(child.send(SIGSTOP))
    #expect(ending(child) == .stopped(signal: SIGSTOP))
    child.send(SIGCONT)
    // Threads of a test block signals, and a program inherits that; this one cannot be blocked.
    child.send(SIGKILL)
    #expect(ending(child) == .killed(signal: SIGKILL))
    #expect(!child.send(0))
  }

  @Test func `writes its document to a descriptor and its errors nowhere, and no signal is held back from it`() throws {
    let pipe = try Pipe()
    let child = try ChildProcess(
      words("sh", "-c", "echo wrong >&2; echo right; kill -TERM $$"), environment: [Array("PATH=/usr/bin:/bin".utf8)],
      streams: .document(output: pipe.writeEnd))
    #expect(ending(child) == .killed(signal: SIGTERM))
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = read(pipe.readEnd, &bytes, bytes.count)
    #expect(String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self) == "right\n")
  }

  @Test func `gets exactly the words and the environment, bytes that are no text included`() throws {
    let test = Array(#"[ "$1" = "$(printf '\377 x')" ] && [ "$A" = "$(printf 'b=\376')" ] && [ -z "$HOME" ]"#.utf8)
    let arguments = words("sh", "-c") + [test, Array("name".utf8), [0xff, 0x20, 0x78]]
    let child = try ChildProcess(
      arguments, environment: [Array("A=b=".utf8) + [0xfe], Array("PATH=/usr/bin:/bin".utf8)], streams: .errorsOnly)
    #expect(ending(child) == .exited(code: 0))
  }

  @Test func `that does not exist is an error with its number`() {
    #expect(throws: SystemError("posix_spawnp", ENOENT)) {
      try ChildProcess(words("/nowhere/at/all"), environment: [], streams: .errorsOnly)
    }
    #expect(throws: SystemError.self) { try ChildProcess([], environment: [], streams: .errorsOnly) }
  }

  @Test(
    arguments: [
      (0, ChildProcess.Change.exited(code: 0)), (0x0300, .exited(code: 3)), (9, .killed(signal: 9)),
      (0x8b, .killed(signal: 11)), (0x147f, .stopped(signal: 20)),
    ] as [(Int32, ChildProcess.Change)])
  func `has a status that is read as the system writes it`(_ status: Int32, _ change: ChildProcess.Change) {
    #expect(WaitStatus.change(status) == change)
  }
}

@Suite struct `The tree of processes` {
  private func tree(_ entries: [Int32: (Int32, String)]) -> ProcessTree {
    ProcessTree(entries.mapValues { ProcessTree.Entry(parent: $0.0, name: $0.1) })
  }

  @Test func `gives all descendants of one`() {
    let tree = tree([2: (1, "sh"), 3: (2, "a"), 4: (2, "b"), 5: (4, "c"), 6: (1, "d"), 7: (6, "e")])
    #expect(tree.descendants(of: 2) == [2, 3, 4, 5])
    #expect(tree.descendants(of: 99) == [99])
  }

  @Test func `knows the application behind shells and runners, and before its helpers`() {
    #expect(tree([2: (1, "python3")]).application(of: 2) == 2)
    #expect(tree([2: (1, "sh"), 3: (2, "python3.12"), 4: (3, "redis-server")]).application(of: 2) == 3)
    #expect(tree([2: (1, "node"), 3: (2, "sh"), 4: (3, "node")]).application(of: 2) == 4)
    #expect(tree([2: (1, "gunicorn"), 3: (2, "gunicorn"), 4: (2, "gunicorn")]).application(of: 2) == 3)
    #expect(tree([2: (1, "sh"), 3: (2, "myserver")]).application(of: 2) == 3)
    #expect(tree([:]).application(of: 2) == 2)
  }

  @Test func `ends for a table that goes round in a circle`() {
    let circle = tree([1: (2, "sh"), 2: (1, "sh")])
    #expect(circle.descendants(of: 1) == [1, 2])
    #expect([1, 2].contains(circle.application(of: 1)))
  }

  @Test func `of this machine holds a child of this process`() throws {
    let child = try ChildProcess(
      [Array("sleep".utf8), Array("60".utf8)], environment: [], streams: .errorsOnly)
    defer {
      child.send(SIGKILL)
      // A dead child that nobody waits for keeps the test library's own wait, for tests that exit, from getting on.
      while child.poll() == nil { sched_yield() }
    }
    #expect(SystemProcessTable().tree().descendants(of: getpid()).contains(child.pid))
  }
}
