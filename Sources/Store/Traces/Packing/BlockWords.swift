import TraceModel
import Traces

/// The distinct words of a block's texts, as `SearchWords` cuts them, and the keys of its tags.
///
/// Most texts and attributes come again and again; each is taken apart once.
struct BlockWords: ~Copyable {
  /// Longer texts are cut each time: they would take more memory than time.
  private static let rememberedBytesMax = 256

  /// What the row of a chunk says of an attribute, beside its words.
  enum Fact: UInt8 {
    case none, env, status
  }

  private var texts = ByteStringTable()
  /// Text attributes as they lie in messages, and the fact of each.
  private var attributes = ByteStringTable()
  private var facts = GrowableBuffer<UInt8>()
  private var textKeys = ByteStringTable()
  private var numberKeys = ByteStringTable()
  private var words = ByteStringTable()
  /// The word at hand, in small letters, as far as it is compared.
  private var word = GrowableBuffer<UInt8>()
  private let wordBytesMax = SearchWords.wordBytesMax

  init() { word.append(repeating: 0, count: wordBytesMax) }

  /// Adds the words of a text.
  @inline(__always)
  mutating func add(_ text: UnsafeRawBufferPointer) {
    guard !text.isEmpty else { return }
    if text.count > Self.rememberedBytesMax || texts.insert(text).isNew { cut(text) }
  }

  /// Adds a text attribute, given as its message.
  @inline(__always)
  mutating func add(textAttribute message: UnsafeRawBufferPointer) -> Fact {
    guard message.count <= Self.rememberedBytesMax else { return takeApart(message) }
    let (number, isNew) = attributes.insert(message)
    if isNew { facts.append(takeApart(message).rawValue) }
    return Fact(rawValue: facts[number]) ?? .none
  }

  /// Adds a number attribute, given as its message. Its key has a mark of its own: the value is not searched as words.
  @inline(__always)
  mutating func add(numberAttribute message: UnsafeRawBufferPointer) -> Fact {
    let key = SpanFields.key(message)
    if numberKeys.insert(key).isNew { addMark(key, isNumber: true) }
    return SpanFields.isStatus(key) ? .status : .none
  }

  /// All words, a space between two.
  var text: [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(words.byteCount + words.count)
    words.forEach { word in
      text.append(contentsOf: word)
      text.append(0x20)
    }
    return text
  }

  /// The word that stands for a tag's key. No other character is in a private area of Unicode, as a rule; where it is, a
  /// search looks at a block too many.
  static func mark(of key: UnsafeRawBufferPointer, isNumber: Bool) -> String {
    let digits = String(hash(of: key), radix: 16)
    return (isNumber ? "\u{E001}" : "\u{E000}") + digits
  }

  private static func hash(of key: UnsafeRawBufferPointer) -> UInt64 {
    var hash = FNV1a64()
    hash.combine(key)
    return hash.value
  }

  private mutating func takeApart(_ message: UnsafeRawBufferPointer) -> Fact {
    let (key, value) = SpanFields.entry(message)
    if textKeys.insert(key).isNew { addMark(key, isNumber: false) }
    if SpanFields.isSearched(tag: key) {
      add(value)
    } else if SpanFields.isLinks(tag: key) {
      for var text in TraceSpan.searchedTexts(ofLinks: String(decoding: value, as: UTF8.self)) {
        text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
      }
    }
    if ByteString.equal(key, "env") { return .env }
    return SpanFields.isStatus(key) ? .status : .none
  }

  private mutating func addMark(_ key: UnsafeRawBufferPointer, isNumber: Bool) {
    var mark = Self.mark(of: key, isNumber: isNumber)
    mark.withUTF8 { _ = words.insert(UnsafeRawBufferPointer($0)) }
  }

  private mutating func cut(_ text: UnsafeRawBufferPointer) {
    guard ByteString.isASCII(text) else {
      for var word in SearchWords.words(of: String(decoding: text, as: UTF8.self)) {
        word.withUTF8 { _ = words.insert(UnsafeRawBufferPointer($0)) }
      }
      return
    }
    // As `SearchWords.isPart` says, for ASCII.
    var length = 0
    for byte in text {
      let small = byte | 0x20
      if small &- 0x61 < 26 || byte &- 0x30 < 10 {
        // A digit has this bit already.
        if length < wordBytesMax { word[length] = small }
        length &+= 1
      } else if length > 0 {
        addWord(length)
        length = 0
      }
    }
    if length > 0 { addWord(length) }
  }

  private mutating func addWord(_ length: Int) {
    let kept = min(length, wordBytesMax)
    _ = words.insert(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(word.pointer)[..<kept]))
  }
}
