import TraceModel

/// When traces with rare spans are kept.
package struct RareSamplerConfiguration: Sendable {
  /// Traces a second that it keeps at most.
  package var tps = 5.0
  /// Seconds for which a kind of span that was seen is not rare.
  package var cooldownSeconds: Int64 = 300
  /// Kinds of spans of one service that are told apart.
  package var kindsMax = 200

  package init() {}
}

/// Keeps traces that the other samplers would drop and that have a kind of span which was not kept for a while.
///
/// Only spans that enter their service or are measured count. What other samplers keep by priority is noted as seen.
struct RareSampler: Sendable {
  /// How often it found a rare span and kept its trace, had no place for one, and merged kinds of a service.
  struct Counts: Sendable, Equatable {
    var hits: UInt64 = 0
    var misses: UInt64 = 0
    var shrinks: UInt64 = 0
  }

  /// The kinds of one service in one environment, each with the second until which it is not rare.
  private struct Kinds: Sendable {
    var expiries: [UInt64: Int64] = [:]
    /// Whether there were so many kinds that several share a place.
    var isShrunk = false
  }

  /// An expiry moves only when that adds so many seconds: most spans change nothing.
  private static let renewalSecondsMax: Int64 = 60
  /// Traces in one go after a pause.
  private static let burst = 50.0
  /// Kinds of all services together; past it, what has expired goes, or else everything.
  static let kindsOfAllMax = 100_000

  private let configuration: RareSamplerConfiguration
  private let signature: SpanSignature
  private var services: [UInt64: Kinds] = [:]
  /// Kinds that have been seen, of all services.
  private(set) var kindsHeld = 0
  private var limit: TokenBucket
  private(set) var counts = Counts()

  init(_ configuration: RareSamplerConfiguration, seed: TableSeed = .random()) {
    self.configuration = configuration
    signature = SpanSignature(seed: seed)
    limit = TokenBucket(perSecond: configuration.tps, burst: Self.burst)
  }

  /// Whether the chunk is kept; then its rare span gets `_dd.rare`.
  mutating func sample(
    _ batch: inout SpanBatch, _ chunk: ChunkRecord, env: ByteSlice, nowSeconds: Int64
  ) -> Bool {
    let envHash = signature.seed.hash(batch.bytes(env))
    var isRare = false
    if chunk.priority <= 0 {
      for index in chunk.spans.range where Self.counts(batch.spans[index]) {
        guard isRareNow(batch, batch.spans[index], envHash, nowSeconds) else { continue }
        guard limit.take(nowSeconds: nowSeconds) else {
          counts.misses &+= 1
          continue
        }
        counts.hits &+= 1
        batch.setMetric(.rare, "_dd.rare", 1, ofSpanAt: index)
        isRare = true
        break
      }
      guard isRare else { return false }
    }
    for index in chunk.spans.range where Self.counts(batch.spans[index]) {
      noteSeen(batch, batch.spans[index], envHash, until: nowSeconds &+ configuration.cooldownSeconds, nowSeconds)
    }
    return isRare
  }

  private static func counts(_ span: SpanRecord) -> Bool { !span.flags.isDisjoint(with: [.topLevel, .measured]) }

  private func service(_ batch: borrowing SpanBatch, _ span: SpanRecord, _ envHash: UInt64) -> UInt64 {
    signature.seed.hash(batch.bytes(span.service), after: envHash)
  }

  private func kind(_ batch: borrowing SpanBatch, _ span: SpanRecord, isShrunk: Bool) -> UInt64 {
    let none = UnsafeRawBufferPointer(start: nil, count: 0)
    let kind = signature.hash(batch, span, env: none, withResource: true)
    return isShrunk ? kind % UInt64(max(configuration.kindsMax, 1)) : kind
  }

  private func isRareNow(
    _ batch: borrowing SpanBatch, _ span: SpanRecord, _ envHash: UInt64, _ nowSeconds: Int64
  ) -> Bool {
    guard let kinds = services[service(batch, span, envHash)] else { return true }
    guard let expiry = kinds.expiries[kind(batch, span, isShrunk: kinds.isShrunk)] else { return true }
    return isOver(expiry, nowSeconds)
  }

  /// Whether a kind is rare again. One that would not be for longer than the cooldown was seen before the clock was set
  /// back.
  private func isOver(_ expiry: Int64, _ nowSeconds: Int64) -> Bool {
    nowSeconds > expiry || expiry > nowSeconds &+ configuration.cooldownSeconds
  }

  private mutating func noteSeen(
    _ batch: borrowing SpanBatch, _ span: SpanRecord, _ envHash: UInt64, until expiry: Int64, _ nowSeconds: Int64
  ) {
    let service = service(batch, span, envHash)
    let isShrunk = services[service]?.isShrunk ?? false
    let kind = kind(batch, span, isShrunk: isShrunk)
    let known = services[service]?.expiries[kind]
    let step = min(Self.renewalSecondsMax, configuration.cooldownSeconds / 2)
    if let known, !isOver(known, nowSeconds), expiry &- known < step { return }
    if known == nil {
      if kindsHeld >= Self.kindsOfAllMax { forgetExpired(nowSeconds) }
      kindsHeld += 1
    }
    services[service, default: Kinds()].expiries[kind] = expiry
    if let count = services[service]?.expiries.count, count > configuration.kindsMax, !isShrunk { shrink(service) }
  }

  /// From now on the kinds of a service share as many places as there may be.
  private mutating func shrink(_ service: UInt64) {
    guard let before = services[service] else { return }
    var shrunk = Kinds(isShrunk: true)
    for (kind, expiry) in before.expiries {
      let place = kind % UInt64(max(configuration.kindsMax, 1))
      shrunk.expiries[place] = max(expiry, shrunk.expiries[place] ?? .min)
    }
    kindsHeld += shrunk.expiries.count - before.expiries.count
    services[service] = shrunk
    counts.shrinks &+= 1
  }

  private mutating func forgetExpired(_ nowSeconds: Int64) {
    services = services.compactMapValues { kinds in
      let live = kinds.expiries.filter { !isOver($0.value, nowSeconds) }
      return live.isEmpty ? nil : Kinds(expiries: live, isShrunk: kinds.isShrunk)
    }
    // The half is a margin, so that the next search is not at the next kind.
    let left = services.values.reduce(0) { $0 + $1.expiries.count }
    if left > Self.kindsOfAllMax / 2 { services = [:] }
    kindsHeld = services.isEmpty ? 0 : left
  }
}

/// Lets a number of things pass a second, and some more at once after a pause.
struct TokenBucket: Sendable {
  private let perSecond: Double
  private let burst: Double
  private var tokens: Double
  private var lastSeconds: Int64?

  init(perSecond: Double, burst: Double) {
    (self.perSecond, self.burst, tokens) = (perSecond, burst, burst)
  }

  /// Whether one more may pass now.
  mutating func take(nowSeconds: Int64) -> Bool {
    if let lastSeconds, nowSeconds > lastSeconds {
      let passed = Double(nowSeconds) - Double(lastSeconds)
      tokens = min(burst, tokens + passed * perSecond)
    }
    lastSeconds = nowSeconds
    guard tokens >= 1 else { return false }
    tokens -= 1
    return true
  }
}
