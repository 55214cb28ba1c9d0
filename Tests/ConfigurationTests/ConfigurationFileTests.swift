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
      let read = try ConfigurationFile.read(path)
      #expect(read == ConfigurationFile(path: path, bytes: bytes, mode: read.mode))
    }
  }

  @Test(
    arguments: [
      (0o600, nil), (0o640, nil), (0o644, "read"), (0o602, "write"), (0o666, "read and write"), (0o4755, "read"),
    ] as [(Int, String?)])
  func `a key that everybody may read or change is warned of, with the mode and what to type`(
    mode: Int, may: String?
  ) throws {
    try temporary { path in
      for (text, variables, isInFile) in [
        ("api_key: 0123456789abcdef0123456789abcdef\n", [:], true), ("env: dev\n", [:], false),
        ("env: dev\n", ["DD_API_KEY": "0123456789abcdef0123456789abcdef"], false),
      ] as [(String, [String: String], Bool)] {
        try Data(text.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        let loaded = ConfigurationLoader.load(file: try ConfigurationFile.read(path), environment: variables)
        let warnings = loaded.problems.map(\.description)
        guard isInFile, let may else {
          #expect(warnings == [])
          continue
        }
        #expect(
          warnings == [
            "\(path):1: api_key: everybody on this machine may \(may) the file with this key (mode 0\(String(mode, radix: 8))); "
              + "chmod o-rwx \(path)"
          ])
      }
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
