import TraceModel

/// The services whose traces are counted, each with its environment, and the number the rate engine knows it by.
struct ServiceCatalog: Sendable {
  struct Entry: Sendable {
    let service: String
    let env: String
    var lastUse: UInt64

    fileprivate func spells(_ service: UnsafeRawBufferPointer, _ env: UnsafeRawBufferPointer) -> Bool {
      Self.equal(self.service, service) && Self.equal(self.env, env)
    }

    private static func equal(_ text: String, _ bytes: UnsafeRawBufferPointer) -> Bool {
      text.utf8.withContiguousStorageIfAvailable { ByteString.equal(UnsafeRawBufferPointer($0), bytes) } ?? false
    }
  }

  /// By their numbers: the hash of service and environment, or the next number that was free.
  private(set) var entries: [UInt64: Entry] = [:]
  private let entriesMax: Int
  private let seed: TableSeed
  private var uses: UInt64 = 0
  /// Services that were forgotten because there were more than `entriesMax`.
  private(set) var evictions: UInt64 = 0

  /// - Parameter entriesMax: beyond this many services the tenth that was silent longest is forgotten.
  init(entriesMax: Int, seed: TableSeed = .random()) {
    self.entriesMax = max(entriesMax, 1)
    self.seed = seed
  }

  /// The number of a service that a trace came from, noting that it did. Amortized O(1).
  mutating func register(service: UnsafeRawBufferPointer, env: UnsafeRawBufferPointer) -> UInt64 {
    uses &+= 1
    var number = seed.hash(service, after: seed.hash(env))
    while var known = entries[number] {
      guard known.spells(service, env) else {
        number &+= 1
        continue
      }
      // Stored back whole: changing it in place costs three heap allocations for the accessors' frames, once a trace.
      known.lastUse = uses
      entries.updateValue(known, forKey: number)
      return number
    }
    if entries.count >= entriesMax { evict() }
    entries[number] = Entry(
      service: String(decoding: service, as: UTF8.self), env: String(decoding: env, as: UTF8.self), lastUse: uses)
    return number
  }

  /// Forgets a tenth at a time: finding the longest silent means looking at all, and a flood of names under the lock
  /// that all receiving threads share must not do that for each of them.
  private mutating func evict() {
    let stamps = entries.values.map(\.lastUse).sorted()
    let last = stamps[min(max(entriesMax / 10, 1), stamps.count) - 1]
    let before = entries.count
    // No two have the same `lastUse`.
    entries = entries.filter { $0.value.lastUse > last }
    evictions &+= UInt64(before - entries.count)
  }

  /// Forgets the services that have no rate any more.
  mutating func retain(where hasRate: (UInt64) -> Bool) {
    entries = entries.filter { hasRate($0.key) }
  }
}
