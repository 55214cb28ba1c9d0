import Foundation
import Testing

/// The built `roost`, run as a person would.
struct RoostBinary {
  struct Outcome {
    var code: Int32
    var output: String
    var errors: String
  }

  /// Beside the test bundle, where the package manager puts it.
  static let location: URL = {
    let bundle = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    let folders = sequence(first: bundle) { $0.pathComponents.count > 1 ? $0.deletingLastPathComponent() : nil }
    let candidates = folders.prefix(6).map { $0.appending(path: "roost") }
    return candidates.first { FileManager.default.isExecutableFile(atPath: $0.path) && !$0.hasDirectoryPath }
      ?? bundle.appending(path: "roost")
  }()

  /// The same with its output going to a file, or, without one, to a pipe that nobody reads any more.
  static func run(_ words: [String], environment: [String: String] = [:], outputPath: String?) throws -> Outcome {
    let process = prepared(words, environment)
    let errors = Pipe()
    process.standardError = errors
    process.standardInput = FileHandle.nullDevice
    if let outputPath {
      process.standardOutput = FileHandle(forWritingAtPath: outputPath)
    } else {
      let pipe = Pipe()
      process.standardOutput = pipe.fileHandleForWriting
      try pipe.fileHandleForReading.close()
    }
    try process.run()
    let problems = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return Outcome(code: process.terminationStatus, output: "", errors: problems)
  }

  /// The first lines of a command that goes on for as long as somebody reads what it prints; then nobody does.
  static func watch(_ words: [String], environment: [String: String], lines: Int) throws -> [String] {
    let process = prepared(words, environment)
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    var text = Data()
    while text.count(where: { $0 == UInt8(ascii: "\n") }) < lines {
      let part = output.fileHandleForReading.availableData
      if part.isEmpty { break }
      text += part
    }
    try output.fileHandleForReading.close()
    process.waitUntilExit()
    return String(decoding: text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
      .prefix(lines).map(String.init)
  }

  private static func prepared(_ words: [String], _ environment: [String: String]) -> Process {
    let process = Process()
    process.executableURL = location
    process.arguments = words
    // Nor does anybody on a port, whatever else runs on this machine; the usual one is for tests that name it.
    let nowhere = [
      "ROOST_CONTROL_SOCKET": "/tmp/roost-test-nowhere/1.sock", "DD_APM_RECEIVER_SOCKET": "",
      "DD_APM_RECEIVER_PORT": "0",
    ]
    process.environment = nowhere.merging(environment) { $1 }
    return process
  }

  /// Runs with exactly this environment; the control socket is one that nobody listens on unless it is given.
  static func run(_ words: [String], environment: [String: String] = [:], input: String? = nil) throws -> Outcome {
    let process = prepared(words, environment)
    let output = Pipe()
    let errors = Pipe()
    process.standardOutput = output
    process.standardError = errors
    let typed = input.map { _ in Pipe() }
    process.standardInput = typed ?? FileHandle.nullDevice
    try process.run()
    // Less than a pipe holds, so nobody has to read it meanwhile.
    if let typed, let input {
      typed.fileHandleForWriting.write(Data(input.utf8))
      try typed.fileHandleForWriting.close()
    }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let problems = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return Outcome(code: process.terminationStatus, output: text, errors: problems)
  }
}
