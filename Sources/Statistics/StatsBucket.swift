import TraceModel

/// Hits, errors and latency of one group of spans within one bucket.
package struct Group: Sendable {
  /// Where the group's key lies in the bucket's `keys`.
  var keyStart: Int
  var keyEnd: Int
  var hash: UInt64
  /// Weighted by the inverse of the client's sample rate, as the intake wants them.
  package var hits = 0.0
  package var topLevelHits = 0.0
  package var errors = 0.0
  package var durationNs = 0.0
  /// Unweighted, as a person at this machine wants them.
  package var spanDurationNs = 0.0
  package var maxNs: Int64 = 0
  package var lastEndNs: Int64 = 0
  package var okSketch = DDSketch()
  package var errorSketch = DDSketch()
}

/// The groups of one time bucket of one shard: an open-addressed table over key bytes.
package struct StatsBucket: Sendable {
  /// Groups in one bucket of one shard at most; what comes beyond is counted under `blockedValue`.
  package static let groupsMax = 20_000
  /// Bytes of the keys of one bucket of one shard at most.
  package static let keyBytesMax = 16 << 20
  /// Slots looked at for a key. The hashes are seeded, so that this is never reached; if it is, all keys get other hashes.
  static let probesMax = 1_024
  /// Seeds that are tried one after the other.
  private static let reseedingsMax = 4
  /// Stands for resources beyond the limit, as in the Datadog agent.
  package static let blockedValue = "agent_blocked_value"

  /// Groups in one bucket of one shard from which on no further one with a peer is made: its spans are counted without
  /// it, so that peers do not take the places of resources.
  package static let groupsWithPeerMax = groupsMax / 2

  /// Start of the bucket, in ns since 1970.
  package let startNs: Int64
  /// In the order in which their first spans came.
  package private(set) var groups: [Group] = []
  /// The keys of all groups, one behind the other.
  private(set) var keys: [UInt8] = []
  /// Indexes of groups by their hash, a power of two of them, at most half of them used; -1 where there is none. A group
  /// lies in the first free slot from its hash on.
  private(set) var slots: [Int32] = []
  /// What the hashes of all keys are made with, in place of those that come with the keys.
  private var seed: TableSeed?
  /// Bytes of memory that groups, keys and sketches take, nearly.
  private(set) var bytes = 0
  /// Spans whose duration counts in the nearest bin of a sketch that was not to grow.
  private(set) var coarsenedSpans: UInt64 = 0

  /// Holds only spans that their clients say they count themselves.
  package let isLeftToClients: Bool

  init(startNs: Int64, isLeftToClients: Bool = false) {
    self.startNs = startNs
    self.isLeftToClients = isLeftToClients
    slots = [Int32](repeating: -1, count: 64)
  }

  /// The group of a key, made when it is new. `nil` when the bucket is full, or may not grow, and has no such group.
  @inline(__always)
  mutating func find(
    _ key: UnsafeRawBufferPointer, hash: UInt64, groupsMax: Int = StatsBucket.groupsMax, mayGrow: Bool = true
  ) -> Int? {
    let place = place(of: key, hash: hash)
    if let group = place.group { return group }
    let mayInsert = mayGrow && groups.count < groupsMax && keys.count < Self.keyBytesMax
    return resolveMiss(key, hash: hash, slot: place.slot, mayInsert: mayInsert)
  }

  /// The group of a key, made when it is new, however full the bucket is.
  mutating func findOrInsert(_ key: UnsafeRawBufferPointer, hash: UInt64) -> Int {
    if let group = find(key, hash: hash, groupsMax: .max) { return group }
    // Too many bytes of keys, or no seed parts them.
    let hash = seed?.hash(key) ?? hash
    let place = place(of: key, hash: hash, probesMax: .max)
    return place.group ?? insert(key, hash: hash, slot: place.slot)
  }

  /// The group of a key that was not found by its first hash. Seldom called.
  /// - Parameter slot: where it would go; -1 when that was not found either.
  @inline(never)
  private mutating func resolveMiss(
    _ key: UnsafeRawBufferPointer, hash: UInt64, slot: Int, mayInsert: Bool
  ) -> Int? {
    if seed == nil, slot >= 0 { return mayInsert ? insert(key, hash: hash, slot: slot) : nil }
    for attempt in 0...Self.reseedingsMax {
      if seed == nil || attempt > 0 { reseed() }
      guard let hash = seed?.hash(key) else { return nil }
      let place = place(of: key, hash: hash)
      if let group = place.group { return group }
      if place.slot >= 0 { return mayInsert ? insert(key, hash: hash, slot: place.slot) : nil }
    }
    return nil
  }

  /// Gives all keys other hashes, and so other slots.
  private mutating func reseed() {
    let seed = TableSeed.random()
    self.seed = seed
    keys.withUnsafeBytes { keys in
      for index in groups.indices {
        let key = keys[groups[index].keyStart..<groups[index].keyEnd]
        groups[index].hash = seed.hash(UnsafeRawBufferPointer(rebasing: key))
      }
    }
    fillSlots(slots.count)
  }

  /// Where the group of a key is, or the slot for it; neither, and -1, when that takes too long to find.
  @inline(__always)
  private func place(
    of key: UnsafeRawBufferPointer, hash: UInt64, probesMax: Int = StatsBucket.probesMax
  ) -> (group: Int?, slot: Int) {
    let mask = slots.count &- 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    var probes = 0
    while probes < probesMax {
      let candidate = Int(slots[slot])
      if candidate < 0 { return (nil, slot) }
      if groups[candidate].hash == hash, spells(candidate, key) { return (candidate, slot) }
      slot = (slot &+ 1) & mask
      probes &+= 1
    }
    return (nil, -1)
  }

  @inline(__always)
  mutating func count(
    _ index: Int, weight: Double, durationNs: Int64, endNs: Int64, isError: Bool, isTopLevel: Bool,
    mayGrow: Bool = true
  ) {
    // Behind the pointer nothing checks the index any more.
    precondition(groups.indices.contains(index), "no such group in the bucket")
    let duration = Double(durationNs)
    let growth = groups.withUnsafeMutableBufferPointer { groups in
      groups[index].hits += weight
      groups[index].durationNs += duration * weight
      groups[index].spanDurationNs += duration
      if isTopLevel { groups[index].topLevelHits += weight }
      if durationNs > groups[index].maxNs { groups[index].maxNs = durationNs }
      if endNs > groups[index].lastEndNs { groups[index].lastEndNs = endNs }
      let sample = DDSketch.truncated(durationNs: durationNs)
      if isError {
        groups[index].errors += weight
        return groups[index].errorSketch.add(sample, mayGrow: mayGrow)
      } else {
        return groups[index].okSketch.add(sample, mayGrow: mayGrow)
      }
    }
    switch growth {
    case .none: break
    case .bytes(let more): bytes &+= more
    case .coarsened: coarsenedSpans &+= 1
    }
  }

  /// Adds what a client counted of a group's spans, the last of which ended at `endNs`.
  mutating func count(
    _ index: Int, _ group: ClientGroupRecord, bins: UnsafeBufferPointer<SketchBin>, endNs: Int64, mayGrow: Bool
  ) {
    let before = groups[index].okSketch.binBytes &+ groups[index].errorSketch.binBytes
    let hits = min(group.hits, ClientGroupRecord.hitsMax)
    groups[index].hits += Double(hits)
    groups[index].topLevelHits += Double(min(group.topLevelHits, hits))
    groups[index].errors += Double(min(group.errors, hits))
    groups[index].durationNs += Double(group.durationNs)
    groups[index].spanDurationNs += Double(group.durationNs)
    groups[index].lastEndNs = max(groups[index].lastEndNs, endNs)
    let good = groups[index].okSketch.add(group.okSketch, bins, mayGrow: mayGrow)
    let failed = groups[index].errorSketch.add(group.errorSketch, bins, mayGrow: mayGrow)
    groups[index].maxNs = max(groups[index].maxNs, good.maxValue, failed.maxValue)
    coarsenedSpans &+= good.coarsened &+ failed.coarsened
    bytes &+= groups[index].okSketch.binBytes &+ groups[index].errorSketch.binBytes &- before
  }

  /// Adds what was counted elsewhere of the group with this key, for an intake.
  mutating func add(_ other: Group, key: UnsafeRawBufferPointer, hash: UInt64) {
    let index = findOrInsert(key, hash: hash)
    groups[index].hits += other.hits
    groups[index].topLevelHits += other.topLevelHits
    groups[index].errors += other.errors
    groups[index].durationNs += other.durationNs
    groups[index].okSketch.merge(other.okSketch)
    groups[index].errorSketch.merge(other.errorSketch)
  }

  /// The same bucket with those of its groups that are wanted, which are asked for by their index.
  func filtered(_ isWanted: (Int) -> Bool) -> StatsBucket {
    var bucket = StatsBucket(startNs: startNs, isLeftToClients: isLeftToClients)
    for (index, group) in groups.enumerated() where isWanted(index) {
      key(of: index).withUnsafeBytes { key in
        let place = bucket.findOrInsert(key, hash: group.hash)
        var moved = group
        (moved.keyStart, moved.keyEnd) = (bucket.groups[place].keyStart, bucket.groups[place].keyEnd)
        moved.hash = bucket.groups[place].hash
        bucket.groups[place] = moved
      }
    }
    return bucket
  }

  /// The bytes that `GroupKeyBuilder` wrote for a group; `GroupKey` takes them apart.
  package func key(of index: Int) -> ArraySlice<UInt8> {
    keys[groups[index].keyStart..<groups[index].keyEnd]
  }

  private func spells(_ index: Int, _ key: UnsafeRawBufferPointer) -> Bool {
    let start = groups[index].keyStart
    let count = groups[index].keyEnd - start
    return keys.withUnsafeBytes { all in
      ByteString.equal(UnsafeRawBufferPointer(rebasing: all[start..<start + count]), key)
    }
  }

  private mutating func insert(_ key: UnsafeRawBufferPointer, hash: UInt64, slot: Int) -> Int {
    precondition(slots[slot] < 0, "the slot of another group")
    let start = keys.count
    keys.append(contentsOf: key)
    groups.append(Group(keyStart: start, keyEnd: keys.count, hash: hash))
    // Arrays that double are three quarters full as a rule; slots are at most half full.
    bytes &+= (MemoryLayout<Group>.stride &+ key.count) * 4 / 3 &+ 12
    let index = groups.count - 1
    slots[slot] = Int32(index)
    if groups.count * 2 > slots.count { fillSlots(slots.count * 2) }
    return index
  }

  /// Puts all groups into so many slots.
  private mutating func fillSlots(_ count: Int) {
    var grown = [Int32](repeating: -1, count: count)
    let mask = grown.count - 1
    for (index, group) in groups.enumerated() {
      var slot = Int(truncatingIfNeeded: group.hash) & mask
      while grown[slot] >= 0 { slot = (slot + 1) & mask }
      grown[slot] = Int32(index)
    }
    slots = grown
  }
}
