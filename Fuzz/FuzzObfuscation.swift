import Obfuscation
import TraceModel

/// What libFuzzer calls with every input it thinks of: bytes that may be a statement, JSON, a command, a URL or an error's text.
///
/// The first byte chooses what they are taken for, the second one how. What comes out is bounded, and the second time it is the
/// same, from memory where there is one; for one length in eight it is what comes out without memory. Overflows, bad indices
/// and failed expectations trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let start, count > 1 else { return 0 }
  history.note(start, count)
  let (kind, how) = (start[0], start[1])
  let text = UnsafeRawBufferPointer(start: start + 2, count: count - 2)
  switch kind & 7 {
  case 0...2: expectSQL(text, kind, how)
  case 3: plain.expect(text, growth: 3) { $0.appendJSON($1, of: jsonBody(how), to: &$2) }
  case 4: expectCommands(text, of: kind & 8 == 0 ? .redis : .valkey, how)
  case 5: urls[Int(how & 3)].expect(text, growth: 3) { $0.appendURL($1, to: &$2) }
  case 6: expectErrors(text, how)
  default: expectTags(text, how)
  }
  return 0
}

nonisolated(unsafe) private var history = History()

/// An obfuscator that is used again and again, as a receiving thread does.
private final class KeptObfuscator {
  private var obfuscator: Obfuscator
  /// One of the same options that remembers nothing.
  private var forgetful: Obfuscator
  private var first = GrowableBuffer<UInt8>()
  private var second = GrowableBuffer<UInt8>()

  init(_ change: (inout ObfuscationOptions) -> Void) {
    var options = ObfuscationOptions()
    // As little as is soon full.
    options.cacheBytesMax = 1 << 16
    change(&options)
    obfuscator = Obfuscator(options)
    options.cacheBytesMax = 0
    forgetful = Obfuscator(options)
  }

  /// - Parameter growth: as many times as long a text may become.
  func expect(
    _ text: UnsafeRawBufferPointer, growth: Int,
    _ append: (inout Obfuscator, TextBytes, inout GrowableBuffer<UInt8>) -> Void
  ) {
    first.removeAll()
    second.removeAll()
    append(&obfuscator, TextBytes(text), &first)
    append(&obfuscator, TextBytes(text), &second)
    if first.count > growth * text.count + 16 { stop("\(text.count) bytes became \(first.count)") }
    if !first.pointer.elementsEqual(second.pointer) { stop("the second time it came to something else") }
    // The first answer may be from memory too.
    guard text.count % 8 == 0 else { return }
    second.removeAll()
    append(&forgetful, TextBytes(text), &second)
    if !first.pointer.elementsEqual(second.pointer) { stop("remembered, it came to something else") }
  }

  func isCardNumber(_ text: TextBytes, key: TextBytes) -> Bool { obfuscator.isCardNumber(key: key, value: text) }
}

nonisolated(unsafe) private let plain = KeptObfuscator { _ in }
nonisolated(unsafe) private let urls = (0..<4).map { choice in
  KeptObfuscator {
    $0.url.removesQueryString = choice & 1 != 0; $0.url.removesPathsWithDigits = choice & 2 != 0
  }
}
nonisolated(unsafe) private let keeping = KeptObfuscator {
  $0.memcachedKeepsCommand = true
  $0.redis.removesAllArguments = true
  $0.valkey.removesAllArguments = true
  $0.creditCardsNeedChecksum = true
}
/// By mode and options.
nonisolated(unsafe) private let statements = (0..<64).map { choice in
  KeptObfuscator { options in
    options.sql.mode = SQLOptions.Mode.allCases[choice & 3]
    options.sql.collectsTableNames = choice & 4 != 0
    options.sql.replacesDigits = choice & 8 != 0
    options.sql.obfuscatesDollarQuotedFunctions = choice & 16 != 0
    let keeps = choice & 32 != 0
    (options.sql.keepsAlias, options.sql.removesSpaceBetweenParentheses) = (keeps, keeps)
    (options.sql.keepsNull, options.sql.keepsBoolean, options.sql.keepsPositionalParameter) = (keeps, keeps, keeps)
    (options.sql.keepsTrailingSemicolon, options.sql.keepsIdentifierQuotation) = (keeps, keeps)
    (options.sql.keepsJSONPath, options.sql.replacesBindParameter) = (keeps, keeps)
  }
}

private func expectSQL(_ text: UnsafeRawBufferPointer, _ kind: UInt8, _ how: UInt8) {
  guard let dialect = SQLDialect(rawValue: (kind >> 3) % 7) else { stop("there are fewer dialects") }
  // A blank may come between two tokens that had none; quotes that hold nothing become two.
  statements[Int(how & 63)].expect(text, growth: 2) { obfuscator, text, out in
    _ = obfuscator.appendSQL(text, dialect: dialect, to: &out)
  }
}

/// One in 16 is a plan, for which long lists are made each time.
private func jsonBody(_ how: UInt8) -> Obfuscator.JSONBody {
  let bodies: [Obfuscator.JSONBody] =
    how < 0xF0 ? [.mongoDB, .elasticsearch, .openSearch] : [.sqlPlan, .normalizedSQLPlan]
  return bodies[Int(how) % bodies.count]
}

private func expectCommands(_ text: UnsafeRawBufferPointer, of store: Obfuscator.CommandStore, _ how: UInt8) {
  let number = Int(how >> 2)
  let size: CommandSize = how & 2 == 0 ? .unknown : number & 1 == 0 ? .words(number >> 1) : .commands(number >> 1)
  (how & 1 == 0 ? plain : keeping).expect(text, growth: 2) { $0.appendCommands($1, of: store, size: size, to: &$2) }
  plain.expect(text, growth: 2) { $0.appendCommandNames($1, to: &$2) }
}

private func expectErrors(_ text: UnsafeRawBufferPointer, _ how: UInt8) {
  if how & 1 == 0 {
    plain.expect(text, growth: 2) { $0.appendErrorText($1, to: &$2) }
  } else {
    // A control character in a text becomes six bytes.
    plain.expect(text, growth: 6) { _ = $0.appendTaggedEvents($1, isOfDatabase: how & 2 == 0, to: &$2) }
  }
}

private func expectTags(_ text: UnsafeRawBufferPointer, _ how: UInt8) {
  let bytes = TextBytes(text)
  switch how & 3 {
  case 0: keeping.expect(text, growth: 2) { $0.appendMemcached($1, to: &$2) }
  case 1: _ = (plain.isCardNumber(bytes, key: bytes), keeping.isCardNumber(bytes, key: bytes))
  case 2: _ = Obfuscator.isDatabaseError(type: bytes)
  default: _ = Obfuscator.mayQuoteDatabase(bytes)
  }
}
