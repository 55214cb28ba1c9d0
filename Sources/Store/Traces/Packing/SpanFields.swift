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

  /// Answers as `TraceSpan.isSearched(tag:)` does, for the bytes of a key.
  @inline(__always)
  static func isSearched(tag key: UnsafeRawBufferPointer) -> Bool {
    if key.count >= 4, key[0] == 0x5F, key[1] == 0x64, key[2] == 0x64, key[3] == 0x2E {
      return key.count == 14 && key.elementsEqual("_dd.span_links".utf8)
    }
    return !(key.count == 10 && key.elementsEqual("runtime-id".utf8))
  }
}

extension SpanFields {
  /// Adds the words of what is kept of a span, as `ChunkPacker` does.
  static func addWords(of rest: UnsafeRawBufferPointer, to words: inout BlockWords) {
    var fields = ProtobufFields(rest)
    while let field = fields.next() { add(field, to: &words) }
  }

  /// Adds the words of one field of a span.
  @inline(__always)
  static func add(_ field: ProtobufFields.Field, to words: inout BlockWords) {
    switch field.tag {
    case 0x0A, 0x12, 0x1A, 0x62: words.add(field.content)
    case 0x52:
      let (key, value) = entry(field.content)
      words.add(key: key, isNumber: false)
      if isSearched(tag: key) { words.add(value) }
    case 0x5A: words.add(key: entry(field.content).key, isNumber: true)
    case 0x72: addLink(field.content, to: &words)
    case 0x7A: addEvent(field.content, to: &words)
    default: break
    }
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
