import TraceModel

/// The services whose traces are counted, each with its environment, and the number the rate engine knows it by.
struct ServiceCatalog: Sendable {
  struct Entry: Sendable {
    /// The hash of service and environment, or the next number that was free.
    let number: UInt64
    let service: String
    let env: String
    fileprivate(set) var lastUse: UInt64

    fileprivate func spells(_ service: UnsafeRawBufferPointer, _ env: UnsafeRawBufferPointer) -> Bool {
      Self.equal(self.service, service) && Self.equal(self.env, env)
    }

    private static func equal(_ text: String, _ bytes: UnsafeRawBufferPointer) -> Bool {
      text.utf8.withContiguousStorageIfAvailable { ByteString.equal(UnsafeRawBufferPointer($0), bytes) } ?? false
    }
  }

  /// In no order. Not in the dictionary: noting a use there takes two look-ups and a copy of the entry, once a trace.
  private(set) var entries: [Entry] = []
  /// Where they are, by their numbers.
  private var places: [UInt64: Int] = [:]
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
    while let place = places[number] {
      guard entries[place].spells(service, env) else {
        number &+= 1
        continue
      }
      entries[place].lastUse = uses
      return number
    }
    if entries.count >= entriesMax { evict() }
    places[number] = entries.count
    entries.append(
      Entry(
        number: number, service: String(decoding: service, as: UTF8.self), env: String(decoding: env, as: UTF8.self),
        lastUse: uses))
    return number
  }

  /// Forgets a tenth at a time: finding the longest silent means looking at all, and a flood of names under the lock
  /// that all receiving threads share must not do that for each of them.
  private mutating func evict() {
    let stamps = entries.map(\.lastUse).sorted()
    let last = stamps[min(max(entriesMax / 10, 1), stamps.count) - 1]
    let before = entries.count
    // No two have the same `lastUse`.
    keep { $0.lastUse > last }
    evictions &+= UInt64(before - entries.count)
  }

  /// Forgets the services that have no rate any more.
  mutating func retain(where hasRate: (UInt64) -> Bool) {
    keep { hasRate($0.number) }
  }

  private mutating func keep(where isKept: (Entry) -> Bool) {
    entries.removeAll { !isKept($0) }
    places = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.number, $0) })
  }
}
