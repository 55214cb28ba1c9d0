import TraceModel
import Traces

/// What is the same where span messages are written and where they are read.
enum SpanFields {
  /// How deep arrays within arrays are read.
  static let depthMax = 16

  /// Key and value of an entry of a map. The value of a number entry has no content here.
  @inline(__always)
  static func entry(_ message: UnsafeRawBufferPointer) -> (key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
    var key = UnsafeRawBufferPointer(start: nil, count: 0)
    var value = key
    var fields = ProtobufFields(message)
    while let field = fields.next() {
      if field.tag == 0x0A { key = field.content } else if field.tag == 0x12 { value = field.content }
    }
    return (key, value)
  }

  /// The key of an entry of a map, which stands in front as a rule.
  @inline(__always)
  static func key(_ message: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    if message.count >= 2, message[0] == 0x0A, message[1] < 0x80, Int(message[1]) <= message.count &- 2 {
      let end = Int(message[1]) &+ 2
      // What comes behind it may be another key.
      if end == message.count || message[end] != 0x0A {
        return UnsafeRawBufferPointer(rebasing: message[2..<end])
      }
    }
    return entry(message).key
  }

  /// Whether a tag is the status of an HTTP answer.
  @inline(__always)
  static func isStatus(_ key: UnsafeRawBufferPointer) -> Bool {
    guard key.count == 16 || key.count == 25 else { return false }
    return ByteString.equal(key, "http.status_code") || ByteString.equal(key, "http.response.status_code")
  }

  /// Answers as `TraceSpan.isSearched(tag:)` does, for the bytes of a key.
  @inline(__always)
  static func isSearched(tag key: UnsafeRawBufferPointer) -> Bool {
    if key.count >= 4, key[0] == 0x5F, key[1] == 0x64, key[2] == 0x64, key[3] == 0x2E { return false }
    return !(key.count == 10 && key.elementsEqual("runtime-id".utf8))
  }
}

extension SpanFields {
  /// Whether a tag is a list of links, whose texts are searched in place of its JSON.
  @inline(__always)
  static func isLinks(tag key: UnsafeRawBufferPointer) -> Bool {
    key.count == 14 && key.elementsEqual("_dd.span_links".utf8)
  }

  /// Adds the words of what is kept of a span, as `ChunkPacker` does.
  static func addWords(of rest: UnsafeRawBufferPointer, to words: inout BlockWords) {
    var fields = ProtobufFields(rest)
    while let field = fields.next() { _ = add(field, to: &words) }
  }

  /// Adds the words of one field of a span.
  /// - Returns: what its chunk's row may say of it.
  @inline(__always)
  static func add(_ field: ProtobufFields.Field, to words: inout BlockWords) -> BlockWords.Fact {
    switch field.tag {
    case 0x0A, 0x12, 0x1A, 0x62: words.add(field.content)
    case 0x52: return words.add(textAttribute: field.content)
    case 0x5A: return words.add(numberAttribute: field.content)
    case 0x72: addLink(field.content, to: &words)
    case 0x7A: addEvent(field.content, to: &words)
    default: break
    }
    return .none
  }

  private static func addLink(_ link: UnsafeRawBufferPointer, to words: inout BlockWords) {
    var fields = ProtobufFields(link)
    while let field = fields.next() {
      guard field.tag == 0x22 else { continue }
      let (key, value) = entry(field.content)
      if isSearched(tag: key) { words.add(value) }
    }
  }

  private static func addEvent(_ event: UnsafeRawBufferPointer, to words: inout BlockWords) {
    var fields = ProtobufFields(event)
    while let field = fields.next() {
      switch field.tag {
      case 0x12: words.add(field.content)
      case 0x1A:
        let (key, value) = entry(field.content)
        if isSearched(tag: key) { addTexts(of: value, depth: 0, to: &words) }
      default: break
      }
    }
  }

  /// Adds the texts of an `AttributeAnyValue`, whatever type it says that it is.
  private static func addTexts(of value: UnsafeRawBufferPointer, depth: Int, to words: inout BlockWords) {
    var fields = ProtobufFields(value)
    while let field = fields.next() {
      if field.tag == 0x12 { words.add(field.content) }
      guard field.tag == 0x32, depth < depthMax else { continue }
      var items = ProtobufFields(field.content)
      while let item = items.next() {
        if item.tag == 0x0A { addTexts(of: item.content, depth: depth + 1, to: &words) }
      }
    }
  }
}
