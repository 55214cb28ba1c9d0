import Diagnosis
import Foundation
import Platform
import Testing

@testable import Inspection

@Suite("Paths of unix sockets")
struct SocketPathTests {
  @Test(
    arguments: [
      (0o755, 33, 33, [], false, true), (0o755, 1, 33, [], true, true), (0o770, 33, 33, [], false, false),
      (0o770, 33, 2, [], true, true), (0o770, 33, 33, [2], true, true), (0o700, 0, 0, [], true, true),
      (0o077, 1, 33, [], false, false), (0o707, 33, 2, [], false, false),
    ]) func `a mode lets in by owner, group, or others, whichever comes first`(
      mode: Int, uid: Int, gid: Int, groups: [Int], mayWrite: Bool, mayExecute: Bool
    )
  {
    let status = FileStatus(mode: UInt32(mode), uid: 1, gid: 2, inode: 0, device: 0)
    let access = Access(status, uid: UInt32(uid), gid: UInt32(gid), groups: groups.map { UInt32($0) })
    #expect(access.mayWrite == mayWrite)
    #expect(access.mayExecute == mayExecute)
  }

  @Test func `the first folder that bars the way is named, and the socket's mode is told`() throws {
    let folder = try TemporaryFolder()
    try folder.write("", to: "a/b/c/note")
    let server = try LocalServer(.close, path: "\(folder.path)/a/b/c/s")
    defer { server.stop() }
    chmod("\(folder.path)/a/b/c/s", 0o722)
    chmod("\(folder.path)/a/b", 0o700)
    let files = FileTree(root: folder.path)
    var viewer = ProcessEvidence(pid: 7)
    viewer.uid = 60_001
    viewer.gid = 60_001
    let seen = SocketPath(path: "/a/b/c/s", files: files, viewer: viewer).look()
    #expect(seen.blockedFolder == "/a/b")
    #expect(seen.seenByPid == 7)
    #expect(seen.exists)
    #expect(seen.kind == "socket")
    #expect(seen.mode == 0o722)
    viewer.uid = getuid()
    #expect(SocketPath(path: "/a/b/c/s", files: files, viewer: viewer).look().blockedFolder == nil)
    #expect(SocketPath(path: "/a/b", files: files, viewer: nil).look().kind == "directory")
    #expect(!SocketPath(path: "/a/x", files: files, viewer: nil).look().exists)
    #expect(SocketPath(path: "/a/x", files: files, viewer: nil).look().isFolderThere)
    #expect(!SocketPath(path: "/nowhere/x", files: files, viewer: nil).look().isFolderThere)
    chmod("\(folder.path)/a/b", 0o755)
  }

  @Test func `a socket is known by another path to it too`() throws {
    let folder = try TemporaryFolder()
    try folder.write("", to: "run/note")
    try folder.link("var-run", to: "run")
    let server = try LocalServer(.close, path: "\(folder.path)/run/s")
    defer { server.stop() }
    let socket = KernelUnixSocket(path: "/run/s", type: "stream", isListening: true, inode: 1)
    let other = KernelUnixSocket(path: "/other/s", type: "stream", isListening: true, inode: 2)
    let files = FileTree(root: folder.path)
    #expect(SocketPath.open(at: "/var-run/s", in: [other, socket], files: files) == [socket])
    #expect(SocketPath.open(at: "/run/s", in: [other, socket], files: files) == [socket])
  }

  @Test(
    arguments: [
      ("/run/s", "/run/s"), ("/var/run/s", "/run/s"), ("/var/run/../run/./s", "/run/s"), ("/up/s", "/run/s"),
      ("/up/../../../etc", "/etc"), ("/nowhere/s", "/nowhere/s"), ("var/run", "/run"), ("/", "/"),
    ]) func `links of another root stay in it`(path: String, expected: String) throws
  {
    let folder = try TemporaryFolder()
    try folder.write("", to: "run/s")
    try folder.write("", to: "var/note")
    try folder.link("var/run", to: "/run")
    try folder.link("up", to: "../../run")
    #expect(FileTree(root: folder.path, isClosed: true).path(path) == folder.path + expected)
  }

  @Test func `links in a circle end`() throws {
    let folder = try TemporaryFolder()
    try folder.link("a", to: "/b")
    try folder.link("b", to: "/a")
    let path = FileTree(root: folder.path, isClosed: true).path("/a/s")
    #expect(path == folder.path + "/a/s" || path == folder.path + "/b/s")
  }
}
