/// Which span of a chunk has an id: the first of those that have it.
struct SpanPlaces {
  /// Places of spans by id, at most half of them used; -1 where there is none.
  private var slots: [Int32] = []
  private var mask = 0
  /// Nobody can choose ids that all come to the same place.
  private let seed = (UInt64.random(in: 0...UInt64.max), UInt64.random(in: 0...UInt64.max) | 1)

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
  }

  @inline(__always)
  mutating func insert(_ id: UInt64, _ place: Int, ids: (Int) -> UInt64) {
    var slot = slot(id) & mask
    while slots[slot] >= 0 {
      if ids(Int(slots[slot])) == id { return }
      slot = (slot &+ 1) & mask
    }
    slots[slot] = Int32(truncatingIfNeeded: place)
  }

  @inline(__always)
  func place(of id: UInt64, ids: (Int) -> UInt64) -> Int? {
    var slot = slot(id) & mask
    while slots[slot] >= 0 {
      let place = Int(slots[slot])
      if ids(place) == id { return place }
      slot = (slot &+ 1) & mask
    }
    return nil
  }

  @inline(__always)
  private func slot(_ id: UInt64) -> Int {
    // Both halves: in the lower one alone, ids that differ in their upper bits come to the same place.
    let product = (id ^ seed.0).multipliedFullWidth(by: seed.1)
    return Int(truncatingIfNeeded: product.high ^ product.low >> 32)
  }
}
