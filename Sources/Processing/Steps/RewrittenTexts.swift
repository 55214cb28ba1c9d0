import TraceModel

/// What texts of the request at hand were rewritten to.
///
/// In v0.5 any number of spans can refer to one text. It is rewritten once, and where texts are too many for that, what
/// they come to is bounded: a small body must not become gigabytes.
struct RewrittenTexts: ~Copyable, Sendable {
  private struct Entry: BitwiseCopyable {
    /// Where the text lies, and how long it is.
    var raw: UInt64 = 0
    /// What it was taken for; one text may be a statement here and a URL there.
    var purpose: UInt32 = 0
    /// Of the request. 0 for an entry that was never used.
    var generation: UInt32 = 0
    var result = ByteSlice.empty
  }

  /// Entries, each for all texts that fall on it; a payload's statements are a few hundred different ones.
  private static let entriesCount = 1024
  /// Bytes that texts may come to besides four times the body.
  private static let bytesMin = 8 << 20

  private var entries = GrowableBuffer<Entry>()
  private var generation: UInt32 = 0
  private var bytesLeft = 0
  private var areShared = false
  private let seed = TableSeed.random()

  /// Forgets what belongs to the request before.
  /// - Parameter areShared: whether texts can come again; where each stands once, none is remembered.
  mutating func begin(bodyBytes: Int, areShared: Bool) {
    self.areShared = areShared
    bytesLeft = Self.bytesMin + 4 * bodyBytes
    generation &+= 1
    guard generation == 0 else { return }
    // After four billion requests old entries could be taken for new ones.
    entries.removeAll()
    generation = 1
  }

  /// What the text came to when it was seen before; `nil` else.
  @inline(__always) func find(_ raw: ByteSlice, _ purpose: UInt32) -> ByteSlice? {
    guard areShared, !entries.isEmpty else { return nil }
    let entry = entries[place(raw, purpose)]
    let isSame = entry.raw == Self.bits(raw) && entry.purpose == purpose && entry.generation == generation
    return isSame ? entry.result : nil
  }

  /// Notes what a text came to, so that it need not be rewritten again.
  @inline(__always) mutating func remember(_ raw: ByteSlice, _ purpose: UInt32, as result: ByteSlice) {
    guard areShared else { return }
    if entries.isEmpty { entries.append(repeating: Entry(), count: Self.entriesCount) }
    entries[place(raw, purpose)] = Entry(
      raw: Self.bits(raw), purpose: purpose, generation: generation, result: result)
  }

  /// Whether so many bytes may be added to the batch, which then are.
  mutating func claim(_ bytes: Int) -> Bool {
    guard bytes <= bytesLeft else { return false }
    bytesLeft -= bytes
    return true
  }

  private static func bits(_ slice: ByteSlice) -> UInt64 {
    let place = UInt64(truncatingIfNeeded: slice.offset) << 1 | (slice.isInSideArena ? 1 : 0)
    return place << 32 | UInt64(slice.length)
  }

  private func place(_ slice: ByteSlice, _ purpose: UInt32) -> Int {
    Int(truncatingIfNeeded: seed.hash(Self.bits(slice) &+ UInt64(purpose)) % UInt64(Self.entriesCount))
  }
}
