import Testing

@testable import Configuration

@Suite struct `The place of a store` {
  private struct Case {
    var configured: String?
    var environment: [String: String] = [:]
    var uid: UInt32 = 1_000
    var isForRun = false
    var isMac = false
    var expected: StorePlace
  }

  private static let home = ["HOME": "/home/ann"]

  private static let cases: [String: Case] = [
    "off": Case(configured: "off", environment: home, expected: .off),
    "off, for a run": Case(configured: "off", isForRun: true, expected: .off),
    "memory": Case(configured: ":memory:", environment: home, expected: .memory),
    "a file": Case(configured: "/data/x.db", environment: home, expected: .file("/data/x.db")),
    "a file, for a run": Case(configured: "x.db", isForRun: true, expected: .file("x.db")),
    "nothing, for a run": Case(environment: home, isForRun: true, expected: .memory),
    "a user": Case(environment: home, expected: .file("/home/ann/.local/state/roost/roost.db")),
    "root": Case(environment: ["HOME": "/root"], uid: 0, expected: .file("/var/lib/roost/roost.db")),
    "root with a state folder": Case(
      environment: ["XDG_STATE_HOME": "/state"], uid: 0, expected: .file("/state/roost/roost.db")),
    "a state folder with slashes at its end": Case(
      environment: ["XDG_STATE_HOME": "/state//", "HOME": "/home/ann"], expected: .file("/state/roost/roost.db")),
    "a state folder that is relative": Case(
      environment: ["XDG_STATE_HOME": "state", "HOME": "/home/ann"],
      expected: .file("/home/ann/.local/state/roost/roost.db")),
    "the root as a state folder": Case(
      environment: ["XDG_STATE_HOME": "/", "HOME": "/home/ann"],
      expected: .file("/home/ann/.local/state/roost/roost.db")),
    "no home": Case(expected: .memory),
    "a home that is no folder of its own": Case(environment: ["HOME": "/"], expected: .memory),
    "a Mac": Case(
      environment: home, isMac: true, expected: .file("/home/ann/Library/Application Support/roost/roost.db")),
    "a Mac's root": Case(
      environment: ["HOME": "/var/root"], uid: 0, isMac: true,
      expected: .file("/var/root/Library/Application Support/roost/roost.db")),
    "a Mac without a home": Case(isMac: true, expected: .memory),
  ]

  @Test(arguments: cases.keys.sorted())
  func `is as configured, else where the system keeps state`(_ name: String) throws {
    let place = try #require(Self.cases[name])
    #expect(
      StorePlace.choose(
        configured: place.configured, environment: place.environment, uid: place.uid, isForRun: place.isForRun,
        platform: place.isMac ? .darwin : .linux) == place.expected)
  }
}
