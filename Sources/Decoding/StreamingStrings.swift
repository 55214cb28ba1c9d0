import TraceModel

/// The texts of one payload of v1.0. Each stands in the payload once and takes the next number there; from then on the
/// number stands for it. Number 0 is the empty text.
struct StreamingStrings: ~Copyable, Sendable {
  /// One text, and what is known of it as an attribute's key.
  struct Entry: BitwiseCopyable, Sendable {
    var text = ByteSlice.empty
    var known = KnownKey.unknown
    /// Whether `known` was looked up, which is done only for keys.
    var isLookedUp = false
    var place = AttributePlace.none
    /// The list of attributes in which it was a key last.
    var list: UInt32 = 0
    /// Where that attribute lies in the array that `place` names.
    var index: UInt32 = 0

    @inline(__always) fileprivate mutating func note(_ place: AttributePlace, _ index: UInt32, in list: UInt32) {
      (self.place, self.index, self.list) = (place, index, list)
    }
  }

  private(set) var entries = GrowableBuffer<Entry>()
  /// Number of the list of attributes that is being read; that of the entries' fields before the first.
  private(set) var list: UInt32 = 0
  private var names = InlineArray<9, ByteSlice>(repeating: .empty)
  /// Texts of the mechanisms that there are, and of the last one beyond them.
  private var mechanisms = InlineArray<16, ByteSlice>(repeating: .empty)
  private var lastMechanism: UInt32 = 0
  private var lastMechanismText = ByteSlice.empty

  /// Forgets the payload before; only number 0 is there.
  mutating func begin() {
    removeAll()
    entries.append(Entry())
    list = 0
    names = InlineArray(repeating: .empty)
    mechanisms = InlineArray(repeating: .empty)
    lastMechanism = 0
  }

  mutating func removeAll() { entries.removeAll(keepingBytes: SpanBatch.keptBytesPerArray) }

  /// `readNumber` has checked the number against `entries`, and entries stay until the payload ends: what only reads does
  /// not check it again.
  @inline(__always) func text(_ number: Int) -> ByteSlice { unsafe entries.pointer[number].text }

  /// Gives a text the next number, within the payload's budget.
  @inline(__always) mutating func append(
    _ text: ByteSlice, in context: inout DecodingContext, at offset: Int
  ) throws(ValueError) -> Int {
    try context.reserve(1, in: &entries, at: offset)
    var entry = Entry()
    entry.text = text
    entries.append(entry)
    return entries.count &- 1
  }

  // MARK: Keys of attributes

  /// Begins a list of attributes in which of each key the last attribute counts.
  mutating func beginList() { list &+= 1 }

  /// The known key that a text spells; `nil` while nobody has looked it up.
  @inline(__always) func known(_ number: Int) -> KnownKey? {
    unsafe entries.pointer[number].isLookedUp ? entries.pointer[number].known : nil
  }

  mutating func setKnown(_ known: KnownKey, _ number: Int) {
    entries[number].known = known
    entries[number].isLookedUp = true
  }

  /// Where the attribute with a key lies that came before in the list; `.none` for a key that is new there.
  @inline(__always) func earlier(_ number: Int) -> (place: AttributePlace, index: Int) {
    let entry = unsafe entries.pointer[number]
    return entry.list == list ? (entry.place, Int(entry.index)) : (.none, 0)
  }

  /// Notes where the attribute of a key lies.
  @inline(__always) mutating func note(_ number: Int, _ place: AttributePlace, at index: Int) {
    entries[number].note(place, UInt32(truncatingIfNeeded: index), in: list)
  }

  // MARK: Texts that v1.0 leaves out

  /// A text that older formats spell out and that v1.0 has a number or a field for; written once a payload.
  mutating func name(_ name: ImpliedText, _ batch: inout SpanBatch) -> ByteSlice {
    if names[name.rawValue].isEmpty { names[name.rawValue] = batch.addText(name.text) }
    return names[name.rawValue]
  }

  /// How a trace was sampled, as older formats write it: `-4` for mechanism 4; empty for 0, which is none.
  mutating func decisionMaker(_ mechanism: UInt32, _ batch: inout SpanBatch) -> ByteSlice {
    guard mechanism != 0 else { return .empty }
    if mechanism < UInt32(mechanisms.count) {
      let index = Int(mechanism)
      if mechanisms[index].isEmpty { mechanisms[index] = batch.addBytes(Array("-\(mechanism)".utf8)) }
      return mechanisms[index]
    }
    if mechanism != lastMechanism {
      lastMechanismText = batch.addBytes(Array("-\(mechanism)".utf8))
      lastMechanism = mechanism
    }
    return lastMechanismText
  }
}

/// Which array of a batch holds an attribute of a span.
enum AttributePlace: UInt8, BitwiseCopyable, Sendable {
  case none, meta, metrics, metaStruct, typed
}

/// Keys and values of attributes that are fields of a span in v1.0.
enum ImpliedText: Int {
  case env, version, component, spanKind
  case internalKind, server, client, producer, consumer

  /// What a span's kind is called; `nil` for 0, unspecified, and for numbers that mean nothing.
  init?(kind: UInt32) {
    guard (1...5).contains(kind) else { return nil }
    self.init(rawValue: Self.spanKind.rawValue + Int(kind))
  }

  var text: StaticString {
    switch self {
    case .env: "env"
    case .version: "version"
    case .component: "component"
    case .spanKind: "span.kind"
    case .internalKind: "internal"
    case .server: "server"
    case .client: "client"
    case .producer: "producer"
    case .consumer: "consumer"
    }
  }
}
