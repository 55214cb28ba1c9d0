import Testing

@testable import Platform

@Suite struct `Mapped files` {
  static let lines: [(line: String, start: UInt?, path: String?, isReadOnlyFile: Bool)] = [
    (
      "7f00a000-7f00b000 r-xp 00001000 fe:01 123                        /usr/lib/libz.so.1", 0x7f00_a000,
      "/usr/lib/libz.so.1", true
    ),
    ("7f00a000-7f00b000 r--p 00001000 fe:01 123   /a b/c", 0x7f00_a000, "/a b/c", true),
    ("7f00a000-7f00b000 rw-p 00001000 fe:01 123   /usr/lib/libz.so.1", 0x7f00_a000, "/usr/lib/libz.so.1", false),
    ("7f00a000-7f00b000 r--s 00001000 fe:01 123   /usr/lib/libz.so.1", 0x7f00_a000, "/usr/lib/libz.so.1", false),
    ("7f00a000-7f00b000 r--p 00000000 00:00 0", 0x7f00_a000, nil, false),
    ("7ffd0000-7ffd1000 r-xp 00000000 00:00 0      [vdso]", 0x7ffd_0000, nil, false),
    ("7f00b000-7f00a000 r-xp 00001000 fe:01 123   /usr/lib/libz.so.1", nil, nil, false),
    ("Anonymous:             0 kB", nil, nil, false),
    ("VmFlags: rd ex mr mw me sd", nil, nil, false),
    ("", nil, nil, false),
  ]

  @Test(arguments: lines)
  func `are read from the kernel's own list`(line: String, start: UInt?, path: String?, isReadOnlyFile: Bool) {
    let mapping = Mapping(line: [UInt8](line.utf8)[...])
    #expect(mapping?.addresses.lowerBound == start)
    #expect(mapping?.path == path)
    #expect((mapping?.isReadOnlyFile ?? false) == isReadOnlyFile)
  }

  #if os(Linux)
    @Test func `go on working when their resident pages are given back, again and again`() throws {
      let count = Counter()
      var threads = ThreadGroup()
      for _ in 0..<2 {
        try threads.start {
          for number in 0..<2_000 where "\(number)".contains("7") { count.increment() }
        }
      }
      for _ in 0..<5 { MappedFiles.releaseCleanPages() }
      threads.joinAll()
      let expected = (0..<2_000).filter { "\($0)".contains("7") }.count
      #expect(count.value == 2 * expected)
    }
  #endif
}
