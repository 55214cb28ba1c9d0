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

  /// Runs with exactly this environment; the control socket is one that nobody listens on unless it is given.
  static func run(_ words: [String], environment: [String: String] = [:], input: String? = nil) throws -> Outcome {
    let process = Process()
    process.executableURL = location
    process.arguments = words
    let nowhere = ["ROOST_CONTROL_SOCKET": "/tmp/roost-test-nowhere/1.sock", "DD_APM_RECEIVER_SOCKET": ""]
    process.environment = nowhere.merging(environment) { $1 }
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
