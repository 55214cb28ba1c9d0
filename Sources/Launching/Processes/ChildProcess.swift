import Platform

/// A program that was started, and what became of it.
package struct ChildProcess: Sendable, Equatable {
  /// What a child of this process has done, as `waitpid` reports it.
  package enum Change: Sendable, Equatable {
    case exited(code: Int32)
    case killed(signal: Int32)
    case stopped(signal: Int32)
  }

  /// Where a program's standard streams lead.
  package enum Streams: Sendable {
    /// The terminal and pipes of this process.
    case inherited
    /// As `inherited`, but input is empty and output goes where errors go.
    case errorsOnly
    /// Input empty; output and errors to this descriptor. In a process group of its own, out of the terminal's reach.
    case background(output: Int32)
    /// Input, output and errors from and to these descriptors. In a process group of its own, and no signal is held back
    /// from it.
    case dialogue(input: Int32, output: Int32, errors: Int32)
    /// Input empty, output to this descriptor, errors nowhere. In a process group of its own, and no signal is held
    /// back from it, whatever thread starts it.
    case document(output: Int32)
  }

  /// The number of its process, above 0.
  package let pid: Int32

  /// A child of this process that is there already.
  init(pid: Int32) { self.pid = pid }

  /// Starts a program as a child of this process, which goes on meanwhile.
  ///
  /// - Parameters:
  ///   - words: the program, looked for in `PATH` when it has no slash, and its arguments; bytes without a zero.
  ///   - environment: entries `NAME=VALUE`.
  package init(_ words: [[UInt8]], environment: [[UInt8]], streams: Streams) throws(SystemError) {
    let arguments = CStrings(words)
    let variables = CStrings(environment)
    guard let program = arguments.pointers.pointee else { throw SystemError("posix_spawnp", ENOENT) }
    var actions = SpawnFileActions()
    var attributes = SpawnAttributes()
    switch streams {
    case .inherited: break
    case .errorsOnly:
      actions.openForReading("/dev/null", as: STDIN_FILENO)
      actions.duplicate(STDERR_FILENO, as: STDOUT_FILENO)
    case .background(let output):
      actions.openForReading("/dev/null", as: STDIN_FILENO)
      actions.duplicate(output, as: STDOUT_FILENO)
      actions.duplicate(output, as: STDERR_FILENO)
      attributes.makeOwnGroup()
    case .dialogue(let input, let output, let errors):
      actions.duplicate(input, as: STDIN_FILENO)
      actions.duplicate(output, as: STDOUT_FILENO)
      actions.duplicate(errors, as: STDERR_FILENO)
      attributes.makeOwnGroup(unblockingSignals: true)
    case .document(let output):
      actions.openForReading("/dev/null", as: STDIN_FILENO)
      actions.duplicate(output, as: STDOUT_FILENO)
      actions.openForWriting("/dev/null", as: STDERR_FILENO)
      attributes.makeOwnGroup(unblockingSignals: true)
    }
    var pid: pid_t = 0
    let code = posix_spawnp(
      &pid, program, &actions.value, &attributes.value, arguments.pointers, variables.pointers)
    guard code == 0 else { throw SystemError("posix_spawnp", code) }
    self.pid = pid
  }

  /// What has happened since the last call; `nil` for nothing. After `exited` or `killed` it must not be called again.
  package func poll() -> Change? {
    var status: Int32 = 0
    guard waitpid(pid, &status, WNOHANG | WUNTRACED) == pid else { return nil }
    return WaitStatus.change(status)
  }

  /// False when it is not there any more.
  @discardableResult
  package func send(_ signal: Int32) -> Bool { kill(pid, signal) == 0 }

  /// Sends a signal to a program with a process group of its own, and to what it has started there.
  package func sendToGroup(_ signal: Int32) { kill(-pid, signal) }
}

/// The bits of a status from `waitpid`, which are macros in C. The same on Linux and Darwin.
enum WaitStatus {
  static func change(_ status: Int32) -> ChildProcess.Change? {
    let low = status & 0x7f
    let high = (status >> 8) & 0xff
    if low == 0 { return .exited(code: high) }
    if low == 0x7f { return .stopped(signal: high) }
    return .killed(signal: low)
  }
}

/// A list of C strings that ends in a null pointer, freed with it.
private struct CStrings: ~Copyable {
  let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private let count: Int

  init(_ texts: [[UInt8]]) {
    count = texts.count
    pointers = .allocate(capacity: texts.count + 1)
    for (index, text) in texts.enumerated() {
      let copy = UnsafeMutablePointer<CChar>.allocate(capacity: text.count + 1)
      for (offset, byte) in text.enumerated() { copy[offset] = CChar(bitPattern: byte) }
      copy[text.count] = 0
      (pointers + index).initialize(to: copy)
    }
    (pointers + texts.count).initialize(to: nil)
  }

  deinit {
    for index in 0..<count { pointers[index]?.deallocate() }
    pointers.deallocate()
  }
}

private struct SpawnFileActions: ~Copyable {
  #if canImport(Darwin)
    var value: posix_spawn_file_actions_t?
  #else
    var value = posix_spawn_file_actions_t()
  #endif

  init() { posix_spawn_file_actions_init(&value) }

  deinit {
    var copy = value
    posix_spawn_file_actions_destroy(&copy)
  }

  mutating func openForReading(_ path: String, as descriptor: Int32) {
    posix_spawn_file_actions_addopen(&value, descriptor, path, O_RDONLY, 0)
  }

  mutating func openForWriting(_ path: String, as descriptor: Int32) {
    posix_spawn_file_actions_addopen(&value, descriptor, path, O_WRONLY, 0)
  }

  mutating func duplicate(_ descriptor: Int32, as number: Int32) {
    posix_spawn_file_actions_adddup2(&value, descriptor, number)
  }
}

private struct SpawnAttributes: ~Copyable {
  #if canImport(Darwin)
    var value: posix_spawnattr_t?
  #else
    var value = posix_spawnattr_t()
  #endif

  init() { posix_spawnattr_init(&value) }

  deinit {
    var copy = value
    posix_spawnattr_destroy(&copy)
  }

  mutating func makeOwnGroup(unblockingSignals: Bool = false) {
    posix_spawnattr_setpgroup(&value, 0)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&value, &none)
    // The agent ignores this one, which a program would inherit.
    var defaults = none
    sigaddset(&defaults, SIGPIPE)
    posix_spawnattr_setsigdefault(&value, &defaults)
    let flags = Int16(POSIX_SPAWN_SETPGROUP)
    let signalFlags = Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF)
    posix_spawnattr_setflags(&value, unblockingSignals ? flags | signalFlags : flags)
  }
}
