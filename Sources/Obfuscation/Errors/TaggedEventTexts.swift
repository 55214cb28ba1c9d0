import TraceModel

/// Hides what databases quote in the exceptions of a tag that holds a span's events as JSON, which is how tracers write
/// them for agents without native events.
struct TaggedEventTexts: ~Copyable {
  private enum Key { case errorText, errorType, other }

  private let text: TextBytes
  private var isOfDatabase: Bool
  private var holdsErrorText = false
  private var unescaped = GrowableBuffer<UInt8>()
  private var rewritten = GrowableBuffer<UInt8>()

  /// Appends the JSON with everything but the texts of exceptions as it is. From a text on that does not end, as in JSON
  /// that was cut off, `...` stands for the rest.
  /// - Parameter isOfDatabase: the exceptions are known to be a database's; otherwise their types and each one's words
  ///   tell.
  /// - Returns: false, with nothing appended, where nothing is to be hidden: in what is no list, and in one without
  ///   exceptions.
  static func append(_ text: TextBytes, isOfDatabase: Bool, to out: inout GrowableBuffer<UInt8>) -> Bool {
    guard CharacterClass.trimmed(text)[0] == UInt8(ascii: "[") else { return false }
    var reader = TaggedEventTexts(text: text, isOfDatabase: isOfDatabase)
    reader.look()
    guard reader.holdsErrorText else { return false }
    reader.rewrite(into: &out)
    return true
  }

  private init(text: TextBytes, isOfDatabase: Bool) {
    self.text = text
    self.isOfDatabase = isOfDatabase
  }

  /// Finds out whether there are texts of exceptions, and whether the type of one is a database's: then all are taken for
  /// such.
  private mutating func look() {
    var (position, key) = (0, Key.other)
    while let next = nextText(&position) {
      if key == .other || !isColon(next.before) {
        key = self.key(next.content)
        // Also where the text is cut off.
        if key == .errorText { holdsErrorText = true }
      } else {
        if key == .errorType, DatabaseErrorPhrases.nameDatabase(next.content) { isOfDatabase = true }
        key = .other
      }
    }
  }

  private mutating func rewrite(into out: inout GrowableBuffer<UInt8>) {
    var (position, key) = (0, Key.other)
    while let next = nextText(&position) {
      next.before.append(to: &out)
      let isValue = key != .other && isColon(next.before)
      if isValue, key == .errorText {
        appendErrorText(next.content, to: &out)
      } else {
        out.append(UInt8(ascii: "\""))
        next.content.append(to: &out)
        out.append(UInt8(ascii: "\""))
      }
      key = isValue ? .other : self.key(next.content)
    }
    let rest = text.part(position, text.count)
    let end = rest.firstIndex(of: UInt8(ascii: "\"")) ?? rest.count
    rest.part(0, end).append(to: &out)
    if end < rest.count { out.append("...") }
  }

  /// The next text of JSON that is whole, and what stands before it. `nil` when none follows; the position stays then.
  private func nextText(_ position: inout Int) -> (before: TextBytes, content: TextBytes)? {
    guard let start = text.firstIndex(of: UInt8(ascii: "\""), from: position) else { return nil }
    var end = start
    guard JSONBodyScanner.skipString(text, &end) else { return nil }
    defer { position = end }
    return (text.part(position, start), text.part(start + 1, end - 1))
  }

  private func key(_ content: TextBytes) -> Key {
    if content.isEqual(to: "exception.message") || content.isEqual(to: "exception.stacktrace") { return .errorText }
    return content.isEqual(to: "exception.type") ? .errorType : .other
  }

  /// Whether only a colon stands there, as between a key and its text.
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
