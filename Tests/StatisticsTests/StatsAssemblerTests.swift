import TestFixtures
import TestSpans
import Testing
import TraceModel

@testable import Statistics

@Suite struct StatsAssemblerTests {
  @Test func `buckets of two shards become one`() throws {
    var one = Counting()
    var two = Counting()
    try one.add([[TestSpan()], [TestSpan().with { $0.resource = "only one" }]])
    try two.add([
      [
        TestSpan().with {
          $0.error = 1
          $0.durationNs = 9_000
        }
      ], [TestSpan()],
    ])
    let buckets =
      one.concentrator.takeBuckets(nowNs: start, all: true) + two.concentrator.takeBuckets(nowNs: start, all: true)
    let payload = one.assemble(buckets)
    #expect(payload.stats.count == 1 && payload.stats[0].stats.count == 1)
    let shared = try #require(payload.groups.first { $0.resource == "GET /" })
    #expect(payload.groups.count == 2 && shared.hits == 3 && shared.errors == 1 && shared.duration == 2_009_000)
    #expect(try SketchReader(shared.okSummary).bins.values.reduce(0, +) == 2)
    #expect(try SketchReader(shared.errorSummary).bins.values.reduce(0, +) == 1)
  }

  @Test func `what only concerns this machine does not split a group`() throws {
    // Two inner client spans, of which one enters its service: one group for the intake, two for the tables here.
    let client = TestSpan(2, parent: 1).meta("span.kind", "client").with {
      $0.service = "db"
      $0.resource = "q"
    }
    let inner = TestSpan(3, parent: 2).meta("span.kind", "client").with {
      $0.service = "db"
      $0.resource = "q"
    }
    var counting = Counting()
    try counting.add([[TestSpan(), client, inner]])
    #expect(counting.concentrator.buckets[0].groups.count == 3)
    let group = try #require(counting.groups().first { $0.resource == "q" })
    #expect(group.hits == 2 && group.topLevelHits == 1)
  }

  @Test func `nothing counted is no payload`() throws {
    var counting = Counting()
    #expect(counting.payload().stats.isEmpty)
    try counting.add([[TestSpan(), TestSpan(2, parent: 1)]])
    #expect(counting.groups().count == 1)
  }

  @Test func `process tags go with their hash, whatever their order`() throws {
    func client(_ tags: String) throws -> ClientStatsPayload {
      var counting = Counting()
      try counting.add([[TestSpan()]]) { $0.payload.processTags = $0.addBytes(Array(tags.utf8)) }
      return try #require(counting.payload().stats.first)
    }
    #expect(try client("a:1,b:2").processTags == "a:1,b:2")
    #expect(try client("a:1,b:2").processTagsHash == PeerTags.hash(["a:1", "b:2"]))
    #expect(try client("b:2,a:1").processTagsHash == PeerTags.hash(["a:1", "b:2"]))
    #expect(try client("").processTagsHash == 0)
  }

  @Test func `a language and a container are said`() throws {
    var counting = Counting()
    try counting.add([[TestSpan()]]) {
      $0.payload.languageName = $0.addBytes(Array("python".utf8))
      $0.payload.containerID = $0.addBytes(Array("c0ffee".utf8))
    }
    let payload = counting.payload()
    #expect(payload.stats.map(\.lang) == ["python"] && payload.stats.map(\.containerID) == ["c0ffee"])
  }

  @Test(arguments: [(10, Int.max), (Int.max, 20_000), (Int.max, 1)])
  func `are made piece by piece, none larger than it may be`(groupsMax: Int, bytesMax: Int) throws {
    var counting = Counting()
    try counting.add((0..<95).map { index in [TestSpan().with { $0.resource = "r\(index)" }] })
    let buckets = counting.concentrator.takeBuckets(nowNs: start, all: true)
    let assembler = StatsAssembler(
      keys: KeyTable(peerTags: []), agentHostname: "h", agentEnv: "e", agentVersion: "1", bucketSizeNs: 10 * second)
    var random = SeededGenerator(seed: 1)
    var pieces: [StatsPayload] = []
    let saturated = assembler.assemble(
      buckets, limit: .init(groupsMax: groupsMax, bytesMax: bytesMax), random: &random
    ) { pieces.append($0) }
    #expect(saturated == 0 && pieces.count > 1)
    #expect(pieces.allSatisfy { $0.splitPayload && $0.groupCount <= groupsMax && $0.agentHostname == "h" })
    #expect(bytesMax > 1 || pieces.allSatisfy { $0.groupCount == 1 })
    #expect(Set(pieces.flatMap(\.groups).map(\.resource)).count == 95)
    #expect(pieces.allSatisfy { $0.stats.allSatisfy { $0.lang == pieces[0].stats[0].lang && $0.stats[0].start > 0 } })
  }

  @Test func `of every client have the machine's tags`() throws {
    var counting = Counting()
    for env in ["a", "b"] { try counting.add([[TestSpan().meta("env", env)]]) }
    let assembler = StatsAssembler(
      keys: KeyTable(peerTags: []), agentHostname: "h", agentEnv: "e", agentVersion: "1", bucketSizeNs: 10 * second,
      hostTags: ["team:core", "region:eu"])
    var random = SeededGenerator(seed: 1)
    var clients: [ClientStatsPayload] = []
    _ = assembler.assemble(
      counting.concentrator.takeBuckets(nowNs: start, all: true), limit: .init(groupsMax: 10, bytesMax: .max),
      random: &random
    ) { clients += $0.stats }
    #expect(clients.map(\.env).sorted() == ["a", "b"])
    #expect(clients.allSatisfy { $0.tags == ["team:core", "region:eu"] })
  }

  @Test func `of a container have its tags, and its image's commit where spans do not say it`() throws {
    var counting = Counting()
    for (id, commit) in [("known", ""), ("known", "abc"), ("other", "")] {
      try counting.add([[TestSpan()]]) {
        $0.payload.containerID = $0.addBytes(Array(id.utf8))
        $0.payload.gitCommitSha = $0.addBytes(Array(commit.utf8))
      }
    }
    let assembler = StatsAssembler(
      keys: KeyTable(peerTags: []), agentHostname: "h", agentEnv: "e", agentVersion: "1", bucketSizeNs: 10 * second,
      hostTags: ["team:core"]
    ) { id in
      id == "known" ? ContainerFacts(tags: ["image_tag:2"], gitCommitSha: "fed", imageTag: "2") : nil
    }
    var random = SeededGenerator(seed: 1)
    var clients: [ClientStatsPayload] = []
    _ = assembler.assemble(
      counting.concentrator.takeBuckets(nowNs: start, all: true), limit: .init(groupsMax: 10, bytesMax: .max),
      random: &random
    ) { clients += $0.stats }
    let seen = clients.map { "\($0.containerID) \($0.gitCommitSha) \($0.imageTag) \($0.tags.joined(separator: " "))" }
    #expect(
      seen.sorted() == ["known abc 2 team:core image_tag:2", "known fed 2 team:core image_tag:2", "other   team:core"])
  }

  @Test func `are no larger for many clients with long tags of the machine`() throws {
    var counting = Counting()
    for env in 0..<40 { try counting.add([[TestSpan().meta("env", "e\(env)")]]) }
    let assembler = StatsAssembler(
      keys: KeyTable(peerTags: []), agentHostname: "h", agentEnv: "e", agentVersion: "1", bucketSizeNs: 10 * second,
      hostTags: [String(repeating: "t", count: 4_000)])
    var random = SeededGenerator(seed: 1)
    var pieces: [StatsPayload] = []
    _ = assembler.assemble(
      counting.concentrator.takeBuckets(nowNs: start, all: true), limit: .init(groupsMax: 1_000, bytesMax: 20_000),
      random: &random
    ) { pieces.append($0) }
    #expect(Set(pieces.flatMap(\.stats).map(\.env)).count == 40)
    #expect(pieces.map { $0.stats.reduce(0) { $0 + $1.tags[0].utf8.count } }.allSatisfy { $0 <= 20_000 })
    #expect(pieces.allSatisfy { $0.stats.count >= 3 } && pieces.allSatisfy(\.splitPayload))
  }

  @Test func `count the sums that stop at the limit of their field`() throws {
    var counting = Counting()
    let long = TestSpan().with {
      $0.durationNs = 1_000_000_000_000_000_000
      $0.startNs = TestSpan.someTimeNs - $0.durationNs + 1_000_000
    }
    try counting.add([[TestSpan()]] + [[TestSpan]](repeating: [long.with { $0.resource = "long" }], count: 25))
    let buckets = counting.concentrator.takeBuckets(nowNs: start, all: true)
    let assembler = StatsAssembler(
      keys: KeyTable(peerTags: []), agentHostname: "h", agentEnv: "e", agentVersion: "1", bucketSizeNs: 10 * second)
    var random = SeededGenerator(seed: 1)
    var groups: [ClientGroupedStats] = []
    let saturated = assembler.assemble(
      buckets, limit: .init(groupsMax: 10, bytesMax: .max), random: &random
    ) { groups += $0.groups }
    #expect(saturated == 1 && groups.map(\.duration).sorted() == [1_000_000, .max])
  }
}
