import TraceModel

/// Hides what databases quote in the exceptions of a tag that holds a span's events as JSON, which is how tracers write
/// them for agents without native events.
struct TaggedEventTexts: ~Copyable {
  private let text: TextBytes
  private let isOfDatabase: Bool
  private var position = 0
  private var unescaped = GrowableBuffer<UInt8>()
  private var rewritten = GrowableBuffer<UInt8>()

  /// Appends the JSON with everything but the texts of exceptions as it is. From a text on that does not end, as in JSON
  /// that was cut off, `...` stands for the rest.
  /// - Parameter isOfDatabase: the exceptions are known to be a database's; otherwise each one's words tell.
  static func append(_ text: TextBytes, isOfDatabase: Bool, to out: inout GrowableBuffer<UInt8>) {
    var reader = TaggedEventTexts(text: text, isOfDatabase: isOfDatabase)
    reader.rewrite(into: &out)
  }

  private init(text: TextBytes, isOfDatabase: Bool) {
    self.text = text
    self.isOfDatabase = isOfDatabase
  }

  private mutating func rewrite(into out: inout GrowableBuffer<UInt8>) {
    var isErrorText = false
    while position < text.count {
      let start = position
      guard text[start] == UInt8(ascii: "\"") else {
        let next = text.firstIndex(of: UInt8(ascii: "\""), from: start) ?? text.count
        let between = text.part(start, next)
        // Only a colon stands between a key and its text.
        if !isColon(between) { isErrorText = false }
        between.append(to: &out)
        position = next
        continue
      }
      guard JSONBodyScanner.skipString(text, &position) else { return out.append("...") }
      let content = text.part(start + 1, position - 1)
      if isErrorText {
        appendErrorText(content, to: &out)
      } else {
        text.part(start, position).append(to: &out)
      }
      isErrorText =
        !isErrorText && (content.isEqual(to: "exception.message") || content.isEqual(to: "exception.stacktrace"))
    }
  }

  private func isColon(_ between: TextBytes) -> Bool {
    var colons = 0
    for index in 0..<between.count {
      switch between[index] {
      case UInt8(ascii: ":"): colons += 1
      case 0x20, 0x09, 0x0A, 0x0D: continue
      default: return false
      }
    }
    return colons == 1
  }

  private mutating func appendErrorText(_ content: TextBytes, to out: inout GrowableBuffer<UInt8>) {
    unescaped.removeAll(keepingBytes: 65_536)
    rewritten.removeAll(keepingBytes: 65_536)
    JSONBodyScanner.unescape(content, into: &unescaped)
    let plain = unescaped.bytes(from: 0)
    out.append(UInt8(ascii: "\""))
    if isOfDatabase || DatabaseErrorPhrases.areIn(plain) {
      DatabaseErrorText.append(plain, to: &rewritten)
      JSONBodyScanner.escape(rewritten.bytes(from: 0), into: &out)
    } else {
      content.append(to: &out)
    }
    out.append(UInt8(ascii: "\""))
  }
}
