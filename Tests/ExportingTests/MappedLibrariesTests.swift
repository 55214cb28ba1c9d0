import Testing

@testable import Exporting

@Suite struct `Mapped libraries` {
  static let lines: [(String, UInt?, String?, Bool)] = [
    (
      "7f00a000-7f00b000 r-xp 00001000 fe:01 123                        /usr/lib/libz.so.1", 0x7f00_a000,
      "/usr/lib/libz.so.1", true
    ),
    ("7f00a000-7f00b000 r--p 00001000 fe:01 123   /a b/c", 0x7f00_a000, "/a b/c", true),
    ("7f00a000-7f00b000 rw-p 00001000 fe:01 123   /usr/lib/libz.so.1", 0x7f00_a000, "/usr/lib/libz.so.1", false),
    ("7f00a000-7f00b000 r--s 00001000 fe:01 123   /usr/lib/libz.so.1", 0x7f00_a000, "/usr/lib/libz.so.1", false),
    ("7f00a000-7f00b000 rw-p 00000000 00:00 0", 0x7f00_a000, nil, false),
    ("7ffd0000-7ffd1000 r-xp 00000000 00:00 0      [vdso]", 0x7ffd_0000, nil, true),
    ("Anonymous:             0 kB", nil, nil, false),
    ("VmFlags: rd ex mr mw me sd", nil, nil, false),
    ("", nil, nil, false),
  ]

  @Test(arguments: lines)
  func `are read from the kernel's own list`(line: String, start: UInt?, path: String?, isReadOnly: Bool) {
    let mapping = Mapping(line: [UInt8](line.utf8))
    #expect(mapping?.start == start)
    #expect(mapping?.path == path)
    #expect((mapping?.isReadOnly ?? false) == isReadOnly)
  }

  #if os(Linux)
    @Test func `go on working when their resident pages are given back`() throws {
      let paths = MappedLibraries.paths()
      #expect(paths.contains { $0.contains("libz") })
      MappedLibraries.releaseCleanPages(of: paths)
      let body = [UInt8](repeating: 7, count: 100_000)
      for format in `Compressing a payload`.formats {
        var compressor = PayloadCompressor(format)
        try body.withUnsafeBytes { try compressor.append($0) }
        #expect(try decompress(compressor.finish(), format) == body)
      }
    }

    @Test func `of libcurl still send after that`() throws {
      let library = try CurlLibrary()
      library.releasePages()
      let intake = try FaultyIntake()
      let log = OutcomeLog()
      let forwarder = try makeForwarder(to: [intake.url], log: log)
      library.releasePages()
      forwarder.enqueue(tracesPayload(1))
      #expect(log.waitForFinals(1))
      library.releasePages()
      forwarder.enqueue(tracesPayload(2))
      forwarder.stop(deadline: .later)
      #expect(log.finals == [.delivered(status: 200), .delivered(status: 200)])
    }
  #endif
}
