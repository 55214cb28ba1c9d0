import Foundation
import Platform
import Testing

@testable import Launching

@Suite struct `The search for a command's program` {
  private static let folder = FileManager.default.temporaryDirectory.appending(
    path: "roost-program-\(UInt32.random(in: 0 ... .max))")

  private func file(_ name: String, _ text: String = "#!/bin/sh\n", mode: Int = 0o755) throws -> String {
    try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
    let path = Self.folder.appending(path: name).path
    #expect(
      FileManager.default.createFile(atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: mode]))
    return path
  }

  private func problem(_ word: String, _ path: String? = nil) -> ProgramSearch.Problem? {
    ProgramSearch.problem(of: Array(word.utf8), path: path)
  }

  @Test func `finds what can be started, by its path and by its name`() throws {
    let folder = Self.folder.path
    #expect(problem(try file("ok")) == nil && problem("ok", folder) == nil)
    #expect(problem("ok", "/nowhere:\(folder)") == nil)
    #expect(problem("sh") == nil, "without PATH the usual folders are looked in")
    #expect(problem(try file("binary", "\u{7f}ELF")) == nil, "whether it is a program, the system knows")
    #expect(problem(try file("spaced", "#! /bin/sh -e\n")) == nil)
  }

  @Test func `says that there is none`() throws {
    let path = try file("plain")
    #expect(problem("") == .missing)
    #expect(problem("/nowhere/at/all") == .missing)
    #expect(problem(path + "/inside") == .missing)
    #expect(problem("nothing-of-that-name", Self.folder.path) == .missing)
    #expect(problem("plain", "") == .missing, "an empty folder is the current one")
  }

  @Test func `says what keeps it from being started`() throws {
    let locked = try file("locked", mode: 0o644)
    #expect(problem(locked) == .refused(EACCES))
    #expect(problem(Self.folder.path) == .refused(EACCES), "a folder is no program")
    #expect(problem("locked", "/nowhere:\(Self.folder.path)") == .refused(EACCES))
    #expect(problem(try file("orphan", "#!/nowhere/python -u\n")) == .noInterpreter("/nowhere/python"))
    #expect(problem(try file("endless", "#!" + String(repeating: "x", count: 1_000))) != nil)
  }
}
