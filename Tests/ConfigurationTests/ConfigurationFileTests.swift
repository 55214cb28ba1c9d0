import Foundation
import Testing

@testable import Configuration

@Suite struct ConfigurationFileTests {
  private func temporary(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.appending(path: "datadog.yaml").path)
  }

  @Test(arguments: [0, 1, 65_535, 65_536, 200_000])
  func `a file is read whole`(size: Int) throws {
    try temporary { path in
      let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
      try Data(bytes).write(to: URL(filePath: path))
      #expect(try ConfigurationFile.read(path) == ConfigurationFile(path: path, bytes: bytes))
    }
  }

  @Test func `a missing file, a directory and a huge file are errors that name the file`() throws {
    try temporary { path in
      let missing = #expect(throws: ConfigurationFileError.self) { try ConfigurationFile.read(path) }
      #expect(missing?.isMissing == true)
      #expect(missing?.description == "\(path): cannot be read: No such file or directory")

      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      let folder = #expect(throws: ConfigurationFileError.self) { try ConfigurationFile.read(path) }
      #expect(folder?.isMissing == false)
    }
    try temporary { path in
      try Data(repeating: 35, count: 4 * 1024 * 1024 + 1).write(to: URL(filePath: path))
      #expect(throws: ConfigurationFileError.tooLarge(path: path, limit: 4 * 1024 * 1024)) {
        try ConfigurationFile.read(path)
      }
    }
  }
}
