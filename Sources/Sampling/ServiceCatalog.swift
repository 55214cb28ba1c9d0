import TraceModel

/// The services whose traces are counted, each with its environment, and the signature the rate engine knows it by.
struct ServiceCatalog: Sendable {
  struct Entry: Sendable {
    let service: String
    let env: String
    let signature: UInt32
    var lastUse: UInt64
  }

  private(set) var entries: [UInt64: Entry] = [:]
  private let entriesMax: Int
  private var uses: UInt64 = 0
  /// Services that were forgotten because there were more than `entriesMax`.
  private(set) var evictions: UInt64 = 0

  /// - Parameter entriesMax: beyond this many services the tenth that was silent longest is forgotten.
  init(entriesMax: Int) {
    self.entriesMax = max(entriesMax, 1)
  }

  /// The signature of a service in an environment: FNV-1a of `service,env`.
  static func signature(service: UnsafeRawBufferPointer, env: UnsafeRawBufferPointer) -> UInt32 {
    var hash = FNV1a32()
    hash.combine(service)
    hash.combine(UInt8(ascii: ","))
    hash.combine(env)
    return hash.value
  }

  /// The signature of a service that a trace came from, noting that it did. Amortized O(1).
  mutating func register(service: UnsafeRawBufferPointer, env: UnsafeRawBufferPointer) -> UInt32 {
    uses &+= 1
    let identity = tableHash(service, seed: tableHash(env))
    if var known = entries[identity] {
      // Stored back whole: changing it in place costs three heap allocations for the accessors' frames, once a trace.
      known.lastUse = uses
      entries.updateValue(known, forKey: identity)
      return known.signature
    }
    if entries.count >= entriesMax { evict() }
    let signature = Self.signature(service: service, env: env)
    entries[identity] = Entry(
      service: String(decoding: service, as: UTF8.self), env: String(decoding: env, as: UTF8.self),
      signature: signature, lastUse: uses)
    return signature
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
  mutating func retain(where hasRate: (UInt32) -> Bool) {
    entries = entries.filter { hasRate($0.value.signature) }
  }
}
