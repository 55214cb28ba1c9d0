import TraceModel
import Traces

/// The distinct words of a block's texts, as `SearchWords` cuts them, and the keys of its tags.
///
/// Most texts come again and again; each is cut once.
struct BlockWords {
  /// Longer texts are cut each time: they would take more memory than time.
  private static let rememberedBytesMax = 256

  private var texts = ByteStringTable()
  private var textKeys = ByteStringTable()
  private var numberKeys = ByteStringTable()
  private var words = ByteStringTable()
  private var lowercase: [UInt8] = []

  /// Adds the words of a text.
  @inline(__always)
  mutating func add(_ text: UnsafeRawBufferPointer) {
    guard !text.isEmpty else { return }
    if text.count > Self.rememberedBytesMax || texts.insert(text).isNew { cut(text) }
  }

  /// Adds the key of a tag, with a mark of its own where its value is a number: those are not searched as words.
  @inline(__always)
  mutating func add(key: UnsafeRawBufferPointer, isNumber: Bool) {
    if isNumber ? numberKeys.insert(key).isNew : textKeys.insert(key).isNew { addMark(key, isNumber: isNumber) }
  }

  mutating func removeAll() {
    texts.removeAll()
    textKeys.removeAll()
    numberKeys.removeAll()
    words.removeAll()
  }

  /// All words, a space between two.
  var text: [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(words.bytes.count + words.count)
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
    lowercase.removeAll(keepingCapacity: lowercase.capacity <= 1 << 16)
    lowercase.append(contentsOf: text.lazy.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 })
    lowercase.withUnsafeBytes { bytes in
      var start = 0
      while start < bytes.count {
        guard SearchWords.isPart(bytes[start]) else {
          start &+= 1
          continue
        }
        var end = start &+ 1
        while end < bytes.count, SearchWords.isPart(bytes[end]) { end &+= 1 }
        let kept = min(end, start &+ SearchWords.wordBytesMax)
        _ = words.insert(UnsafeRawBufferPointer(rebasing: bytes[start..<kept]))
        start = end
      }
    }
  }
}
