import TraceModel

/// Replaces each value of JSON documents by `"?"`, in one pass and without building anything of them.
///
/// Several documents may follow one another, as in bulk requests. What is no JSON ends the output with `...`: tracers
/// cut long bodies off.
struct JSONBodyObfuscator: ~Copyable {
  private enum Expectation {
    case value, valueOrEnd, key, keyOrEnd, afterKey, afterValue, document
  }

  private let keptKeys: [[UInt8]]
  private let sqlKeys: [[UInt8]]
  /// Open brackets, the innermost last: 1 for an object, 0 for an array.
  private var open = GrowableBuffer<UInt8>()
  /// Values are kept as long as more brackets are open than this; `nil` while none are.
  private var keptDepth: Int?
  /// The next value is SQL, if it is a text.
  private var expectsSQL = false
  private var unescaped = GrowableBuffer<UInt8>()
  private var statement = GrowableBuffer<UInt8>()

  init(_ options: JSONBodyOptions) {
    keptKeys = options.keptKeys.map { Array($0.utf8) }
    sqlKeys = options.sqlKeys.map { Array($0.utf8) }
  }

  /// - Parameter sql: obfuscates the texts of SQL keys.
  mutating func obfuscate(_ text: TextBytes, sql: inout SQLObfuscator, into out: inout GrowableBuffer<UInt8>) {
    if text.isEmpty { return }
    open.removeAll(keepingBytes: 4096)
    keptDepth = nil
    expectsSQL = false
    var position = 0
    var expected = Expectation.value
    while position < text.count {
      let byte = text[position]
      if Self.isBlank(byte) {
        // Between documents blanks are kept, since some formats need them.
        if expected == .document { out.append(byte) }
        position += 1
        continue
      }
      guard let next = step(text, &position, expected, &sql, &out) else {
        out.append("...")
        return
      }
      expected = next
    }
    if expected != .document { out.append("...") }
  }

  /// Takes the token at `position`. Returns what may follow it, and `nil` for what is no JSON.
  @inline(__always) private mutating func step(
    _ text: TextBytes, _ position: inout Int, _ expected: Expectation, _ sql: inout SQLObfuscator,
    _ out: inout GrowableBuffer<UInt8>
  ) -> Expectation? {
    let byte = text[position]
    switch expected {
    case .value, .valueOrEnd, .document:
      if byte == UInt8(ascii: "]"), expected == .valueOrEnd { return close(byte, &position, &out) }
      if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
        let isObject = byte == UInt8(ascii: "{")
        open.append(isObject ? 1 : 0)
        expectsSQL = false
        return write(byte, &position, &out, then: isObject ? .keyOrEnd : .valueOrEnd)
      }
      guard value(text, &position, &sql, &out) else { return nil }
      return open.isEmpty ? .document : .afterValue
    case .key, .keyOrEnd:
      if byte == UInt8(ascii: "}"), expected == .keyOrEnd { return close(byte, &position, &out) }
      return key(text, &position, &out) ? .afterKey : nil
    case .afterKey:
      return byte == UInt8(ascii: ":") ? write(byte, &position, &out, then: .value) : nil
    case .afterValue:
      let isInObject = open[open.count - 1] == 1
      if byte == UInt8(ascii: ",") {
        endValue()
        return write(byte, &position, &out, then: isInObject ? .key : .value)
      }
      return byte == (isInObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) ? close(byte, &position, &out) : nil
    }
  }

  private func write(
    _ byte: UInt8, _ position: inout Int, _ out: inout GrowableBuffer<UInt8>, then next: Expectation
  ) -> Expectation {
    out.append(byte)
    position += 1
    return next
  }

  private mutating func close(
    _ byte: UInt8, _ position: inout Int, _ out: inout GrowableBuffer<UInt8>
  ) -> Expectation {
    endValue()
    open.truncate(to: open.count - 1)
    return write(byte, &position, &out, then: open.isEmpty ? .document : .afterValue)
  }

  /// A value has ended; if it was the one that was kept, those behind it are not.
  private mutating func endValue() {
    if let keptDepth, open.count <= keptDepth { self.keptDepth = nil }
  }

  private mutating func key(_ text: TextBytes, _ position: inout Int, _ out: inout GrowableBuffer<UInt8>) -> Bool {
    guard text[position] == UInt8(ascii: "\"") else { return false }
    let start = position
    let isWhole = JSONBodyScanner.skipString(text, &position)
    text.part(start, position).append(to: &out)
    guard isWhole else { return false }
    let name = text.part(start + 1, position - 1)
    expectsSQL = false
    if keptDepth == nil, Self.contains(keptKeys, name) {
      keptDepth = open.count
    } else if Self.contains(sqlKeys, name) {
      expectsSQL = true
    }
    return true
  }

  private mutating func value(
    _ text: TextBytes, _ position: inout Int, _ sql: inout SQLObfuscator, _ out: inout GrowableBuffer<UInt8>
  ) -> Bool {
    let start = position
    guard JSONBodyScanner.beginsScalar(text[start]) else { return false }
    let isWhole = JSONBodyScanner.skipScalar(text, &position)
    if expectsSQL {
      expectsSQL = false
      if isWhole { appendStatement(text.part(start, position), &sql, &out) }
    } else if keptDepth != nil {
      text.part(start, position).append(to: &out)
    } else {
      out.append("\"?\"")
    }
    return isWhole
  }

  /// Writes a text that is SQL as a text of JSON; `?` for what is none.
  private mutating func appendStatement(
    _ value: TextBytes, _ sql: inout SQLObfuscator, _ out: inout GrowableBuffer<UInt8>
  ) {
    unescaped.removeAll(keepingBytes: 65_536)
    statement.removeAll(keepingBytes: 65_536)
    if value[0] == UInt8(ascii: "\"") {
      JSONBodyScanner.unescape(value.part(1, value.count - 1), into: &unescaped)
    }
    guard sql.obfuscate(unescaped.bytes(from: 0), dialect: .generic, into: &statement) else {
      return out.append("\"?\"")
    }
    out.append(UInt8(ascii: "\""))
    JSONBodyScanner.escape(statement.bytes(from: 0), into: &out)
    out.append(UInt8(ascii: "\""))
  }

  private static func contains(_ keys: [[UInt8]], _ name: TextBytes) -> Bool {
    keys.contains { key in key.count == name.count && key.indices.allSatisfy { key[$0] == name[$0] } }
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }
}
