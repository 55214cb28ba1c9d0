import Obfuscation
import TraceModel

/// What libFuzzer calls with every input it thinks of: bytes that may be a statement, JSON, a command or a URL.
///
/// The first byte chooses what they are taken for, and with which options. What comes out is bounded; of JSON, commands
/// and URLs it stays as it is when it goes in again. Overflows, bad indices and failed expectations trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = [UInt8](UnsafeBufferPointer(start: start, count: count))
  guard let choice = input.first else { return 0 }
  let text = Array(input.dropFirst())
  switch choice % 8 {
  case 0...3: expectSQL(text, choice)
  case 4: expect(text, growth: 3) { $0.appendJSON($1, of: .mongoDB, to: &$2) }
  case 5: expect(text, growth: 3) { $0.appendJSON($1, of: .sqlPlan, to: &$2) }
  case 6: expect(text, growth: 2) { $0.appendCommands($1, of: choice & 8 == 0 ? .redis : .valkey, to: &$2) }
  default: expect(text, growth: 3) { $0.appendURL($1, to: &$2) }
  }
  _ = run(text, options(choice)) { $0.appendCommandNames($1, to: &$2) }
  return 0
}

private func options(_ choice: UInt8) -> ObfuscationOptions {
  var options = ObfuscationOptions()
  options.sql.mode = SQLOptions.Mode.allCases[Int(choice % 4)]
  options.sql.collectsTableNames = choice & 8 != 0
  options.sql.replacesDigits = choice & 16 != 0
  options.sql.obfuscatesDollarQuotedFunctions = choice & 32 != 0
  options.sql.keepsAlias = choice & 64 != 0
  options.sql.removesSpaceBetweenParentheses = choice & 64 != 0
  options.valkey.removesAllArguments = true
  options.url.removesQueryString = choice & 16 != 0
  options.url.removesPathsWithDigits = choice & 32 != 0
  return options
}

private func expectSQL(_ text: [UInt8], _ choice: UInt8) {
  guard let dialect = SQLDialect(rawValue: choice % 6) else { return }
  let written = run(text, options(choice)) { _ = $0.appendSQL($1, dialect: dialect, to: &$2) }
  // A blank may come between two tokens that had none; quotes that hold nothing become two.
  if written.count > 2 * text.count + 16 { stop("\(text.count) bytes became \(written.count)") }
}

private func expect(
  _ text: [UInt8], growth: Int, _ body: (inout Obfuscator, TextBytes, inout GrowableBuffer<UInt8>) -> Void
) {
  let written = run(text, ObfuscationOptions(), body)
  if written.count > growth * text.count + 16 { stop("\(text.count) bytes became \(written.count)") }
}

private func run(
  _ text: [UInt8], _ options: ObfuscationOptions,
  _ body: (inout Obfuscator, TextBytes, inout GrowableBuffer<UInt8>) -> Void
) -> [UInt8] {
  var obfuscator = Obfuscator(options)
  var first = GrowableBuffer<UInt8>()
  var second = GrowableBuffer<UInt8>()
  text.withUnsafeBytes { bytes in
    body(&obfuscator, TextBytes(bytes), &first)
    // What is remembered is what was found out.
    body(&obfuscator, TextBytes(bytes), &second)
  }
  if Array(first.pointer) != Array(second.pointer) { stop("the second time it came to something else") }
  return Array(first.pointer)
}

private func stop(_ why: String) -> Never {
  preconditionFailure(why)
}
