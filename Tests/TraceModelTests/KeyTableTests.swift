import Testing

@testable import TraceModel

@Suite struct `The key table` {
  static let peerTags = [
    "peer.service", "_dd.base_service", "db.name", "db.instance", "net.peer.name", "a", "ab", "abc", "abcd",
    "messaging.destination.name", "messaging.kafka.bootstrap.servers", "aws.s3.bucket", "db.name", "",
  ]
  static let table = KeyTable(peerTags: peerTags)

  static func lookup(_ key: [UInt8], _ table: KeyTable = table) -> KnownKey {
    let copy = ExactCopy(key)
    return table.lookup(copy.bytes)
  }

  @Test func `finds every name it has, each as another key`() {
    var seen: Set<UInt16> = []
    for (raw, name) in Self.table.names.enumerated().dropFirst() {
      #expect(Self.lookup(name) == KnownKey(rawValue: UInt16(raw)))
      #expect(seen.insert(UInt16(raw)).inserted)
    }
    #expect(seen.count == KnownKey.baseNames.count + 10)
  }

  static let constants: [(String, KnownKey)] = [
    ("env", .env), ("version", .version), ("span.kind", .spanKind), ("http.status_code", .httpStatusCode),
    ("http.response.status_code", .httpResponseStatusCode), ("peer.service", .peerService),
    ("_dd.base_service", .baseService), ("_dd.origin", .origin), ("_dd.p.dm", .decisionMaker),
    ("_dd.hostname", .hostname), ("_dd.git.commit.sha", .gitCommitSha),
    ("_dd.svc_src", .serviceSource), ("error.type", .errorType), ("component", .component),
    ("rpc.grpc.status_code", .rpcGrpcStatusCode), ("grpc.code", .grpcCode),
    ("rpc.grpc.status.code", .rpcGrpcStatusDotCode), ("grpc.status.code", .grpcStatusCode),
    ("_dd.tags.process", .processTags), ("_sampling_priority_v1", .samplingPriority), ("_sample_rate", .sampleRate),
    ("_dd.top_level", .tracerTopLevel), ("_top_level", .topLevel), ("_dd.measured", .measured),
    ("_dd.partial_version", .partialVersion), ("_dd1.sr.rcusr", .clientRate), ("_dd1.sr.rapre", .preSamplerRate),
    ("_dd.agent_psr", .agentRate), ("_dd.rule_psr", .ruleRate), ("_sampling_priority_rate_v1", .priorityRate),
    ("_dd.no_p_sr", .noPriorityRate), ("_dd.errors_sr", .errorsRate), ("_dd.p.tid", .traceIDHigh),
    ("rpc.response.status_code", .rpcResponseStatusCode), ("rpc.system.name", .rpcSystemName),
    ("rpc.system", .rpcSystem),
  ]

  @Test(arguments: constants)
  func `knows each constant by its name on the wire`(name: String, key: KnownKey) {
    #expect(Self.lookup(Array(name.utf8)) == key)
    #expect(KeyTable(peerTags: []).names[Int(key.rawValue)] == Array(name.utf8))
  }

  /// Every name with one byte changed, missing, added or swapped: the digest that tells keys apart must miss none of it.
  @Test func `finds no near miss of a name`() {
    let names = Set(Self.table.names)
    func expectUnknown(_ key: [UInt8]) {
      if !names.contains(key), Self.lookup(key) != .unknown {
        Issue.record("\(String(decoding: key, as: UTF8.self)) is taken for a known key")
      }
    }
    for name in Self.table.names.dropFirst() {
      for place in name.indices {
        for change in [0x01, 0x20, 0x80] as [UInt8] {
          var changed = name
          changed[place] ^= change
          expectUnknown(changed)
        }
        var shorter = name
        shorter.remove(at: place)
        expectUnknown(shorter)
        var longer = name
        longer.insert(name[place], at: place)
        expectUnknown(longer)
        for other in name.indices {
          var swapped = name
          swapped.swapAt(place, other)
          expectUnknown(swapped)
        }
      }
      expectUnknown(name + [0])
      expectUnknown(Array(name.dropLast()))
      expectUnknown(name + name)
    }
    expectUnknown([])
    for length in 0...40 { expectUnknown([UInt8](repeating: 0, count: length)) }
  }

  /// Beyond 16 bytes the digest is not the whole key.
  @Test func `tells keys apart that differ in their middle only`() {
    let middles = (0..<200).map { "messaging.\(String(repeating: "x", count: $0 % 7))\($0).destination.name" }
    let table = KeyTable(peerTags: middles)
    for (index, name) in middles.enumerated() {
      #expect(Self.lookup(Array(name.utf8), table) == KnownKey(rawValue: UInt16(KnownKey.baseNames.count + 1 + index)))
    }
    #expect(Self.lookup(Array("messaging.xx999.destination.name".utf8), table) == .unknown)
  }

  @Test func `knows which keys are peer tags, also those it knows anyway`() {
    for tag in Self.peerTags where !tag.isEmpty {
      #expect(Self.table.isPeerTag(Self.lookup(Array(tag.utf8))), "\(tag)")
    }
    for key in [.env, .httpStatusCode, .unknown, .removed] as [KnownKey] { #expect(!Self.table.isPeerTag(key)) }
    #expect(!KeyTable(peerTags: []).isPeerTag(.peerService))
  }

  @Test func `keeps no more than 4096 names`() {
    let table = KeyTable(peerTags: (0..<5000).map { "tag.number.\($0)" })
    #expect(table.names.count == 4096)
    #expect(Self.lookup(Array("tag.number.4000".utf8), table) != .unknown)
    #expect(Self.lookup(Array("tag.number.4999".utf8), table) == .unknown)
  }

  @Test func `has a bit for each of its constants in a set`() {
    for (_, key) in Self.constants {
      var set = KnownKeySet.empty
      #expect(!set.contains(key))
      set.insert(key, isPeerTag: false)
      #expect(set.contains(key))
      #expect(!set.hasPeerTag)
      for (_, other) in Self.constants where other != key { #expect(!set.contains(other)) }
    }
  }

  /// There are more peer tags than bits: a set may say too much of them, but never too little, and never of others.
  @Test(arguments: [62, 63, 64, 65, 97, 127, 4095] as [UInt16])
  func `never denies a key that a set holds`(raw: UInt16) {
    var set = KnownKeySet.empty
    set.insert(KnownKey(rawValue: raw), isPeerTag: true)
    #expect(set.contains(KnownKey(rawValue: raw)))
    #expect(set.hasPeerTag)
    for (_, other) in Self.constants { #expect(!set.contains(other)) }
  }
}
