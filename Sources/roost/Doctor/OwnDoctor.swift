import Dashboard
import Launching
import Platform

/// Runs `roost doctor --json` for the agent's page, in a process of its own: it looks at the machine as the command does,
/// and an agent that gathers evidence would keep the memory that this takes.
struct OwnDoctor: DoctorRunning {
  /// Configuration that the agent runs with, so that the doctor finds this agent and no other.
  let arguments: [String]
  /// The same as variables: what was said by options of `roost serve`.
  let variables: [String: String]

  /// How long it may take; a machine with a hundred containers takes some seconds.
  private static let limit = Duration.seconds(30)
  /// Bytes of its document at most.
  private static let bytesMax = 4 << 20

  func run(isCancelled: @escaping @Sendable () -> Bool) -> DoctorOutcome {
    guard let program = OwnExecutable.launchPath else {
      return .failed("the system does not say where this program is")
    }
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return .failed("no pipe for the doctor (\(systemErrorText(errno)))") }
    defer { close(ends[0]) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let child: ChildProcess
    do {
      child = try ChildProcess(
        ([program, "doctor", "--json"] + arguments).map { Array($0.utf8) },
        environment: OwnExecutable.environment(changing: variables), streams: .document(output: ends[1]))
      close(ends[1])
    } catch {
      close(ends[1])
      return .failed("the doctor could not be started (\(error))")
    }
    let document = read(ends[0], isCancelled)
    if document == nil { child.send(SIGKILL) }
    while child.poll() == nil { poll(nil, 0, 10) }
    guard let document else { return .failed("the doctor took too long") }
    guard document.first == UInt8(ascii: "{") else { return .failed("the doctor said nothing; try roost doctor") }
    return .document(document)
  }

  /// All that comes; `nil` when it is too much, or takes too long.
  private func read(_ descriptor: Int32, _ isCancelled: () -> Bool) -> [UInt8]? {
    let deadline = ContinuousClock.now + Self.limit
    var document: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while !isCancelled(), ContinuousClock.now < deadline, document.count <= Self.bytesMax {
      var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&entry, 1, 100) > 0 else { continue }
      let count = Platform.read(descriptor, &buffer, buffer.count)
      if count == 0 { return document }
      if count > 0 { document += buffer.prefix(count) }
    }
    return nil
  }
}
