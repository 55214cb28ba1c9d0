import Testing

@testable import Configuration

@Suite struct `The place of payloads that wait` {
  static let cases: [(configured: String?, store: StorePlace, usual: StorePlace, isForRun: Bool, expected: String?)] = [
    (nil, .file("/data/x.db"), .file("/var/lib/roost/roost.db"), false, "/data/spool"),
    (nil, .file("x.db"), .memory, false, "spool"),
    (nil, .off, .file("/var/lib/roost/roost.db"), false, "/var/lib/roost/spool"),
    (nil, .memory, .memory, false, nil),
    (nil, .file("/data/x.db"), .memory, true, nil),
    ("/queue", .file("/data/x.db"), .memory, true, "/queue"),
    ("off", .file("/data/x.db"), .memory, false, nil),
  ]

  @Test(arguments: cases.indices)
  func `is beside the store, unless it is configured`(number: Int) {
    let example = Self.cases[number]
    let found = SpoolPlace.choose(
      configured: example.configured, store: example.store, usualStore: example.usual, isForRun: example.isForRun)
    #expect(found == example.expected, "case \(number)")
  }
}
