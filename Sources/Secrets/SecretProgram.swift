import Configuration
import JSON
import Launching
import Platform
import Scrubbing

/// Runs the program of `secret_backend_command` and reads its answer. Nothing that it says on standard output is ever shown.
package struct SecretProgram {
  private let backend: SecretBackend
  private let environment: [String: String]

  /// - Parameter environment: the variables that the program gets.
  package init(_ backend: SecretBackend, environment: [String: String]) {
    self.backend = backend
    self.environment = environment
  }

  /// The secrets by their handles, or why there are none.
  package func ask(_ handles: [String]) -> Result<[String: Result<String, SecretFailure>], SecretFailure> {
    do throws(SecretFailure) {
      guard let command = backend.command, command.hasPrefix("/") else { throw SecretFailure("is no absolute path") }
      try Self.checkRights(of: command, allowsGroup: backend.allowsGroup)
      let question: JSONValue = .object([
        ("version", .string("1.0")), ("secrets", .array(handles.map { .string($0) })),
      ])
      let answer = try run(command, input: Array(question.compactText.utf8))
      return .success(
        try SecretAnswer.read(answer, handles, removesTrailingLineBreak: backend.removesTrailingLineBreak))
    } catch {
      return .failure(error)
    }
  }

  /// Whoever else may change the program, or see what it does, would have the secrets.
  static func checkRights(of path: String, allowsGroup: Bool) throws(SecretFailure) {
    let status: FileStatus
    do { status = try FileTree(root: "").status(path) } catch {
      throw SecretFailure("cannot be looked at: \(error.text)")
    }
    guard status.mode & UInt32(S_IFMT) == UInt32(S_IFREG) else { throw SecretFailure("is no file") }
    let others = status.mode & (allowsGroup ? 0o027 : 0o077)
    guard others == 0 else {
      throw SecretFailure(
        "group or others have rights on it (mode 0\(String(status.mode & 0o7777, radix: 8))); "
          + "chmod \(allowsGroup ? "750" : "700") it")
    }
    guard status.uid == geteuid() || allowsGroup else {
      throw SecretFailure("belongs to another user (\(status.uid)) than the agent runs as (\(geteuid()))")
    }
    guard access(path, X_OK) == 0 else { throw SecretFailure("may not be executed by the agent's user") }
  }

  private func run(_ command: String, input: [UInt8]) throws(SecretFailure) -> [UInt8] {
    let (change, conversation) = try start(command, input)
    guard case .exited(code: 0) = change else {
      let said = Scrubber.scrub(
        String(decoding: conversation.errors, as: UTF8.self), shownMax: SecretAnswer.errorShownMax)
      let how =
        switch change {
        case .exited(let code): "ended with code \(code)"
        case .killed(let signal), .stopped(let signal): "was ended by signal \(signal)"
        }
      throw SecretFailure(said.isEmpty ? how : "\(how): \(said)")
    }
    return conversation.output
  }

  private func start(
    _ command: String, _ input: [UInt8]
  ) throws(SecretFailure) -> (ChildProcess.Change, SecretConversation) {
    do {
      var pipes = try SecretPipes()
      let child = try ChildProcess(
        ([command] + backend.arguments).map { Array($0.utf8) },
        environment: environment.map { Array("\($0.key)=\($0.value)".utf8) },
        streams: .dialogue(input: pipes.childInput, output: pipes.childOutput, errors: pipes.childErrors))
      pipes.closeChildEnds()
      var conversation = SecretConversation(input: input, outputBytesMax: backend.outputBytesMax)
      let failure = conversation.hold(&pipes, until: .now + backend.timeout)
      if failure != nil { child.sendToGroup(SIGKILL) }
      let change = Self.end(of: child, atMost: failure == nil ? backend.timeout : .seconds(1))
      if let failure {
        throw SecretFailure(
          failure == .tooLong
            ? "gave no answer within \(backend.timeout.components.seconds) s"
            : "answered more than \(backend.outputBytesMax) bytes (secret_backend_output_max_size)")
      }
      guard let change else { throw SecretFailure("did not end within \(backend.timeout.components.seconds) s") }
      return (change, conversation)
    } catch let failure as SecretFailure {
      throw failure
    } catch {
      throw SecretFailure("cannot be run: \(error)")
    }
  }

  /// How the program ended; one that does not within the time is killed, and `nil`.
  private static func end(of child: ChildProcess, atMost limit: Duration) -> ChildProcess.Change? {
    let deadline = ContinuousClock.now + limit
    var isKilled = false
    while true {
      if let change = child.poll(), !change.isPause { return isKilled ? nil : change }
      // One that hangs in the system may not end for long, killed or not.
      if isKilled, .now >= deadline + .seconds(1) { return nil }
      if !isKilled, .now >= deadline {
        isKilled = true
        child.sendToGroup(SIGKILL)
      }
      poll(nil, 0, 5)
    }
  }
}

extension ChildProcess.Change {
  /// It was stopped, and has not ended.
  fileprivate var isPause: Bool { if case .stopped = self { true } else { false } }
}
