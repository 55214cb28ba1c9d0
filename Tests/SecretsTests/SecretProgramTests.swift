import Configuration
import Foundation
import Platform
import Testing

@testable import Secrets

@Suite(.serialized) struct `The program of secret_backend_command` {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "roost-secrets-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  /// Asks a shell script for a handle and another one.
  private func ask(
    _ script: String, mode: Int = 0o700, _ change: (inout SecretBackend) -> Void = { _ in }
  ) throws -> Result<[String: Result<String, SecretFailure>], SecretFailure> {
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "secrets")
    // No program that another test starts meanwhile may have it open for writing: then it could not be run.
    let descriptor = open(file.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o700)
    let text = Array("#!/bin/sh\n\(script)\n".utf8)
    #expect(write(descriptor, text, text.count) == text.count)
    close(descriptor)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
    var backend = SecretBackend()
    backend.command = file.path
    change(&backend)
    return SecretProgram(backend, environment: ["PATH": "/usr/bin:/bin", "PREFIX": "of the agent"]).ask([
      "key", "other",
    ])
  }

  @Test func `gets the handles, its arguments and the agent's variables, and answers with secrets`() throws {
    let answer = try ask(
      """
      read question
      test "$question" = '{"version":"1.0","secrets":["key","other"]}' || exit 9
      printf '{"key": {"value": "%s, %s\\\\n", "error": null}, "other": {"error": "no such secret"}}' "$PREFIX" "$1"
      """
    ) {
      $0.arguments = ["main"]
      $0.removesTrailingLineBreak = true
    }
    let secrets = try answer.get()
    #expect(secrets["key"] == .success("of the agent, main"))
    #expect(secrets["other"] == .failure(SecretFailure("no such secret")))
  }

  static let failures: [(script: String, reason: String)] = [
    (
      "cat > /dev/null; echo 'it is closed, password=hunter2' >&2; exit 3",
      "ended with code 3: it is closed, password=****"
    ),
    ("kill -9 $$", "was ended by signal 9"),
    ("echo 'hunter2 is no JSON'", "did not answer with a JSON object"),
    ("echo '[1]'", "did not answer with a JSON object"),
    ("sleep 60", "gave no answer within 1 s"),
    ("head -c 100000 /dev/zero", "answered more than 10000 bytes (secret_backend_output_max_size)"),
  ]

  @Test(arguments: failures)
  func `is said to have failed, without what it answered`(script: String, reason: String) throws {
    let answer = try ask(script) {
      $0.timeout = .seconds(1)
      $0.outputBytesMax = 10_000
    }
    guard case .failure(let failure) = answer else { return #expect(Bool(false), "\(answer)") }
    #expect(!failure.reason.contains("hunter2"))
    #expect(failure.reason.hasPrefix(reason.prefix { $0 != "*" }), "\(failure.reason)")
  }

  @Test func `says why it has no secret, within bounds and without what is secret in it`() throws {
    let error = "password=hunter2 " + String(repeating: "x", count: 2_000)
    let secrets = try ask(#"echo '{"key":{"error":"\#(error)"}}'"#).get()
    guard case .failure(let failure) = secrets["key"] else { return #expect(Bool(false), "\(secrets)") }
    #expect(!failure.reason.contains("hunter2") && failure.reason.utf8.count < 400)
  }

  @Test func `costs nothing while it is silent, also without standard error`() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    var pipes = try SecretPipes()
    let output = dup(pipes.childOutput)
    defer { close(output) }
    pipes.closeChildEnds()
    var conversation = SecretConversation(input: [], outputBytesMax: 100)
    #expect(conversation.hold(&pipes, until: .now + .milliseconds(100)) == .tooLong)
    #expect(conversation.rounds < 20)
  }

  @Test func `is ended by a pipe that nobody reads, though the agent is not`() throws {
    signal(SIGPIPE, SIG_IGN)
    let secrets = try ask(#"sh -c 'kill -PIPE $$'; test $? -gt 128 && echo '{"key":{"value":"a"}}'"#)
    #expect(try secrets.get()["key"] == .success("a"))
  }

  @Test func `may leave its input unread`() throws {
    let secrets = try ask(#"echo '{"key":{"value":"a"},"other":{"value":"b","error":null}}'"#).get()
    #expect(secrets == ["key": .success("a"), "other": .success("b")])
  }

  @Test(
    arguments: [
      (0o740, false, false), (0o701, false, false), (0o777, false, false), (0o600, false, false), (0o700, false, true),
      (0o500, false, true), (0o750, true, true), (0o770, true, false), (0o705, true, false),
    ])
  func `is run only where nobody else has rights on it`(mode: Int, allowsGroup: Bool, isRun: Bool) throws {
    let answer = try ask(#"echo '{"key":{"value":"a"}}'"#, mode: mode) { $0.allowsGroup = allowsGroup }
    #expect(((try? answer.get()) != nil) == isRun, "\(answer)")
  }

  @Test(arguments: ["secrets", "/nowhere/secrets", "/tmp"])
  func `has to be a file that is named as a whole`(path: String) {
    var backend = SecretBackend()
    backend.command = path
    guard case .failure(let failure) = SecretProgram(backend, environment: [:]).ask(["key"]) else {
      return #expect(Bool(false))
    }
    #expect(!failure.reason.isEmpty)
  }
}
