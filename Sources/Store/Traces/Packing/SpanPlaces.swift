import TraceModel

/// Which span of a chunk has an id: the first of those that have it.
struct SpanPlaces {
  /// Places of spans by id, at most half of them used; -1 where there is none.
  private var slots: [Int32] = []
  private var mask = 0
  private var hash: IDHash
  /// Slots looked at for a new id before another seed is taken; doubles with each.
  private var probesMax = TableSeed.probesMax
  /// Seeds that were given up, for tests.
  private(set) var reseedings = 0

  init(hash: IDHash = IDHash()) { self.hash = hash }

  /// Forgets all, for a chunk of so many spans.
  mutating func begin(_ count: Int) {
    var size = 16
    while size < count &* 2 { size &*= 2 }
    if slots.count > 1 << 14, size < slots.count { slots = [] }
    if slots.count < size {
      slots = [Int32](repeating: -1, count: size)
    } else {
      for index in 0..<size { slots[index] = -1 }
    }
    mask = size &- 1
    probesMax = TableSeed.probesMax
  }

  @inline(__always)
  mutating func insert(_ id: UInt64, _ place: Int, ids: (Int) -> UInt64) {
    let first = hash(id) & mask
    var slot = first
    while slots[slot] >= 0 {
      if ids(Int(slots[slot])) == id { return }
      slot = (slot &+ 1) & mask
    }
    slots[slot] = Int32(truncatingIfNeeded: place)
    if (slot &- first) & mask > probesMax { reseed(ids) }
  }

  /// Puts the places recorded so far into other slots.
  private mutating func reseed(_ ids: (Int) -> UInt64) {
    reseedings += 1
    hash = IDHash()
    probesMax *= 2
    let known = slots[...mask].filter { $0 >= 0 }
    for slot in 0...mask { slots[slot] = -1 }
    for place in known {
      var slot = hash(ids(Int(place))) & mask
      while slots[slot] >= 0 { slot = (slot &+ 1) & mask }
      slots[slot] = place
    }
  }

  @inline(__always)
  func place(of id: UInt64, ids: (Int) -> UInt64) -> Int? {
    var slot = hash(id) & mask
    while slots[slot] >= 0 {
      let place = Int(slots[slot])
      if ids(place) == id { return place }
      slot = (slot &+ 1) & mask
    }
    return nil
  }
}
