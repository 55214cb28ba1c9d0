import Platform

/// Owner of the three pipes to a program: its input, its output and what it complains of.
struct SecretPipes: ~Copyable {
  /// Read and write end of each; -1 where it is closed.
  private var input: (Int32, Int32)
  private var output: (Int32, Int32)
  private var errors: (Int32, Int32)

  init() throws(SystemError) {
    let made = try Self.makeThree()
    (input, output, errors) = (made[0], made[1], made[2])
    // The program's own ends wait, as it expects.
    for end in [input.1, output.0, errors.0] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
  }

  deinit { for pair in [input, output, errors] { Self.close(pair) } }

  var childInput: Int32 { input.0 }
  var childOutput: Int32 { output.1 }
  var childErrors: Int32 { errors.1 }
  fileprivate var toChild: Int32 { input.1 }
  fileprivate var fromChild: Int32 { output.0 }
  fileprivate var complaints: Int32 { errors.0 }

  /// The program has them: only it keeps the pipes open from now on.
  mutating func closeChildEnds() {
    for end in [input.0, output.1, errors.1] { _ = Platform.close(end) }
    (input.0, output.1, errors.1) = (-1, -1, -1)
  }

  /// The program has all that it gets.
  fileprivate mutating func closeInput() {
    if input.1 >= 0 { _ = Platform.close(input.1) }
    input.1 = -1
  }

  /// The program complains no more.
  fileprivate mutating func closeErrors() {
    if errors.0 >= 0 { _ = Platform.close(errors.0) }
    errors.0 = -1
  }

  private static func makeThree() throws(SystemError) -> [(Int32, Int32)] {
    var made: [(Int32, Int32)] = []
    do throws(SystemError) {
      for _ in 0..<3 { made.append(try make()) }
    } catch {
      made.forEach(close)
      throw error
    }
    return made
  }

  private static func make() throws(SystemError) -> (Int32, Int32) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw SystemError("pipe", errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  private static func close(_ pair: (Int32, Int32)) {
    for end in [pair.0, pair.1] where end >= 0 { _ = Platform.close(end) }
  }
}

/// What is said to a program and what it says, within bounds of time and size.
struct SecretConversation {
  /// Why it was broken off.
  enum Failure: Equatable {
    case tooLong, tooMuch
  }

  /// Of what a program complains of.
  private static let errorBytesMax = 4_096

  private var input: ArraySlice<UInt8>
  private let outputBytesMax: Int
  private(set) var output: [UInt8] = []
  private(set) var errors: [UInt8] = []
  /// How often something was looked for.
  private(set) var rounds = 0

  init(input: [UInt8], outputBytesMax: Int) {
    self.input = input[...]
    self.outputBytesMax = outputBytesMax
  }

  /// Writes all of the input and reads until the program has closed its output.
  mutating func hold(_ pipes: inout SecretPipes, until deadline: ContinuousClock.Instant) -> Failure? {
    // A program that does not read is no reason to end.
    let before = signal(SIGPIPE, SIG_IGN)
    defer { signal(SIGPIPE, before) }
    while .now < deadline {
      rounds += 1
      if input.isEmpty { pipes.closeInput() }
      var entries = [
        pollfd(fd: pipes.fromChild, events: Int16(POLLIN), revents: 0),
        pollfd(fd: pipes.complaints, events: Int16(POLLIN), revents: 0),
        pollfd(fd: pipes.toChild, events: Int16(POLLOUT), revents: 0),
      ]
      let left = ContinuousClock.now.duration(to: deadline)
      guard poll(&entries, nfds_t(entries.count), Int32(clamping: max(1, left.milliseconds))) > 0 else { continue }
      if entries[2].revents != 0, !writeMore(to: pipes.toChild) { input = [] }
      if entries[1].revents != 0, !readMore(from: pipes.complaints, into: &errors, keeping: Self.errorBytesMax) {
        pipes.closeErrors()
      }
      if entries[0].revents != 0 {
        guard readMore(from: pipes.fromChild, into: &output, keeping: .max) else { return nil }
        if output.count > outputBytesMax { return .tooMuch }
      }
    }
    return .tooLong
  }

  /// False when the program reads no more.
  private mutating func writeMore(to descriptor: Int32) -> Bool {
    let count = input.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if count > 0 { input = input.dropFirst(count) }
    return count > 0 || errno == EAGAIN || errno == EINTR
  }

  /// False at the end of what it says.
  private func readMore(from descriptor: Int32, into bytes: inout [UInt8], keeping limit: Int) -> Bool {
    var piece = [UInt8](repeating: 0, count: 16_384)
    let count = read(descriptor, &piece, piece.count)
    if count > 0 { bytes += piece.prefix(min(count, max(0, limit - bytes.count))) }
    return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR))
  }
}
