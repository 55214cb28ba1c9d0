import Foundation
import Testing

@testable import Platform

@Suite struct `Folders that are missing` {
  /// A folder of a test, which is gone with it.
  private final class Folder {
    let path = FileManager.default.temporaryDirectory.appending(path: "roost-missing-\(UUID().uuidString)").path

    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  private let folder = Folder()

  private func mode(_ path: String) -> Int? {
    (try? FileManager.default.attributesOfItem(atPath: path))?[.posixPermissions] as? Int
  }

  @Test(arguments: [false, true], ["a/b/c", "a/b/c/"])
  func `are made with those above them, for their owner only, once`(isDurable: Bool, name: String) throws {
    let path = "\(folder.path)/\(name)"
    for _ in 0..<2 { try MissingFolders.make(path, isDurable: isDurable) }
    for name in ["", "/a", "/a/b", "/a/b/c"] { #expect(mode(folder.path + name) == 0o700, "\(name)") }
  }

  @Test func `are named where they cannot be made`() throws {
    try MissingFolders.make(folder.path)
    let file = "\(folder.path)/file"
    try Data().write(to: URL(filePath: file))
    #expect(throws: MissingFolders.Failure(error: SystemError("mkdir", ENOTDIR), path: "\(file)/a")) {
      try MissingFolders.make("\(file)/a/b")
    }
  }
}
