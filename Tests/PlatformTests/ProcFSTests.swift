import Foundation
import Platform
import Testing

/// A folder that looks like `/proc`; removed with the last reference.
private final class FakeProc {
  let root = FileManager.default.temporaryDirectory.appending(path: "roost-proc-\(UUID())")

  var proc: ProcFS { ProcFS(root: root.path) }

  deinit { try? FileManager.default.removeItem(at: root) }

  func write(_ text: String, to path: String) throws {
    let file = root.appending(path: path)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  func link(_ path: String, to target: String) throws {
    let file = root.appending(path: path)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: file.path, withDestinationPath: target)
  }
}

@Suite struct `The kernel's folder of processes` {
  @Test func `lists processes, their descriptors, children and links`() throws {
    let fake = FakeProc()
    try fake.write("12 (a) b) S 7 12", to: "12/stat")
    try fake.write("", to: "cpuinfo")
    try fake.write("13 14 ", to: "12/task/12/children")
    try fake.write("15", to: "12/task/20/children")
    try fake.link("12/exe", to: "/usr/bin/python3")
    try fake.link("12/fd/3", to: "socket:[77]")
    try fake.link("self", to: "12")
    #expect(try fake.proc.processes() == [12])
    let process = fake.proc.process(12)
    #expect(try process.children().sorted() == [13, 14, 15])
    #expect(try process.link("exe") == "/usr/bin/python3")
    #expect(try process.descriptors() == ["3"])
    #expect(process.target(ofDescriptor: "3") == "socket:[77]" && process.target(ofDescriptor: "4") == nil)
    let stat = try fake.proc.own.stat()
    #expect(stat.name == "a) b" && stat.parent == 7 && !stat.isZombie)
    #expect(!fake.proc.listsChildren)
    try fake.write("", to: "thread-self/children")
    #expect(fake.proc.listsChildren)
  }

  @Test func `says what is missing and what may not be read`() throws {
    let fake = FakeProc()
    try fake.write("x", to: "12/environ")
    try fake.write("no line", to: "12/stat")
    #expect(throws: FileFailure.missing) { try fake.proc.process(13).stat() }
    #expect(throws: FileFailure.other) { try fake.proc.process(12).stat() }
    #expect(throws: FileFailure.missing) { try fake.proc.process(12).read("environ/below") }
    #expect(throws: FileFailure.other) { try fake.proc.process(12).link("environ") }
    #expect(FileFailure(EACCES) == .notPermitted && FileFailure(ESRCH) == .missing && FileFailure(EIO) == .other)
  }

  @Test func `is read up to a limit, and by lines of a bounded length`() throws {
    let fake = FakeProc()
    try fake.write("abcdef\n\nlast without end", to: "12/maps")
    #expect(try fake.proc.process(12).text("maps", limit: 3) == "abc")
    #expect(try fake.proc.process(12).read("maps", limit: 0) == [])
    var lines: [String] = []
    try fake.proc.process(12).forEachLine(of: "maps") { lines.append(String(decoding: $0, as: UTF8.self)) }
    #expect(lines == ["abcdef", "", "last without end"])
    var pieces: [String] = []
    try fake.proc.files.forEachLine(of: "12/maps", lineBytesMax: 5) {
      pieces.append(String(decoding: $0, as: UTF8.self))
    }
    #expect(pieces == ["abcd", "ef", "", "last", " wit", "hout", " end"])
  }

  @Test(
    arguments: [
      ("1 (init) S 0 1 1", "init", "S", 0), ("7 (a b) (c) Z 3", "a b) (c", "Z", 3), ("7 () R 1", "", "R", 1),
    ] as [(String, String, Character, Int64)])
  func `has names that hold anything`(_ line: String, _ name: String, _ state: Character, _ parent: Int64) throws {
    let stat = try #require(ProcessStat([UInt8](line.utf8)))
    #expect(stat.name == name && stat.state == state && stat.parent == parent)
    #expect(stat.isZombie == (state == "Z"))
  }

  @Test(arguments: ["", "7", "7 (a", "7 a) S 1", "7 )a( S 1", "7 (a) S", "7 (a) SS 1", "7 (a) S x"])
  func `has no process in a line that is none`(_ line: String) {
    #expect(ProcessStat([UInt8](line.utf8)) == nil)
  }

  @Test func `has fields with several values`() {
    let status = ProcessStatus("Name:\ta b\nUid:\t1\t2\t3\t4\nGroups:\t5 6 \nEmpty:\nno colon\nName:\tother\n")
    #expect(status["Name"] == ["a", "b"] && status["Uid"] == ["1", "2", "3", "4"] && status["Groups"] == ["5", "6"])
    #expect(status["Empty"] == [] && status["Missing"] == [] && status["no colon"] == [])
  }

  #if os(Linux)
    @Test func `of this machine holds this process`() throws {
      let proc = ProcFS()
      #expect(try proc.processes().contains(Int64(getpid())))
      #expect(try proc.own.stat().parent == Int64(getppid()))
      #expect(try proc.process(Int64(getpid())).status()["PPid"] == ["\(getppid())"])
      #expect(access(try proc.own.link("exe"), X_OK) == 0)
    }
  #endif
}
