import Foundation

@testable import Control

/// A folder name that nobody else uses, removed at the end; short, for unix sockets take few bytes.
final class Place: Sendable {
  let folder: String
  var socket: String { folder + "/8126.sock" }

  init() throws {
    folder = "/tmp/roost-test-\(UInt32.random(in: 0 ... .max))"
  }

  deinit {
    try? FileManager.default.removeItem(atPath: folder)
    try? FileManager.default.removeItem(atPath: folder + "-target")
  }

  func makeFolder(mode: Int = 0o700) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: folder)
  }

  func mode(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }

  /// A bound socket whose owner went away without removing it.
  func leaveStaleSocket() throws {
    try makeFolder()
    var listener: ControlListener? = try ControlListener(path: socket)
    try FileManager.default.linkItem(atPath: socket, toPath: socket + ".kept")
    listener = nil
    _ = consume listener
    try FileManager.default.moveItem(atPath: socket + ".kept", toPath: socket)
  }
}
