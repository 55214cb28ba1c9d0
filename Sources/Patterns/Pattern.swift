import CPCRE2

/// A compiled regular expression in the syntax of RE2.
///
/// It is compiled with PCRE2, to machine code where the system allows that, and never changes, so that all threads share
/// one. What a thread needs to match with it is in its `PatternMatcher`.
package final class Pattern: @unchecked Sendable {
  /// Groups at most; a thread has a place for each.
  static let groupsMax = 255

  /// The pattern as it was written.
  package let text: String
  let library: PatternLibrary
  let code: OpaquePointer
  let groups: Int
  /// Whether it is machine code; PCRE2 reads the rest of a text for each match of one that is not.
  let isMachineCode: Bool

  /// Compiles a pattern, and opens PCRE2 when it is the first one.
  package init(_ text: String) throws(PatternError) {
    let library = try PatternLibrary.open()
    let syntax = try PatternSyntax(text, knowsScriptExtensions: library.knowsScriptExtensions)
    code = try Self.compile(syntax, library.functions)
    self.text = text
    self.library = library
    var groups: UInt32 = 0
    _ = library.functions.pattern_info_8(code, UInt32(PCRE2_INFO_CAPTURECOUNT), &groups)
    self.groups = Int(groups)
    // Without memory that may be executed the pattern is interpreted, which is slower and means the same.
    isMachineCode = library.functions.jit_compile_8(code, UInt32(PCRE2_JIT_COMPLETE)) == 0
    guard groups <= Self.groupsMax else {
      throw PatternError(message: "more than \(Self.groupsMax) groups", character: nil)
    }
  }

  deinit { library.functions.code_free_8(code) }

  private static func compile(
    _ syntax: PatternSyntax, _ functions: pcre2_functions
  ) throws(PatternError) -> OpaquePointer {
    guard let context = functions.compile_context_create_8(nil) else {
      throw PatternError(message: "no memory to compile it", character: nil)
    }
    defer { functions.compile_context_free_8(context) }
    // RE2 knows one end of a line, whatever PCRE2 was built for.
    _ = functions.set_newline_8(context, UInt32(PCRE2_NEWLINE_LF))
    var number: Int32 = 0
    var offset = 0
    let code = syntax.written.withUnsafeBufferPointer { written in
      // An empty array has no address, and PCRE2 takes none for an empty pattern only since 10.40.
      var nothing: UInt8 = 0
      return withUnsafePointer(to: &nothing) { other in
        functions.compile_8(written.baseAddress ?? other, written.count, options, &number, &offset, context)
      }
    }
    if let code { return code }
    throw PatternError(message: message(number, functions), character: syntax.character(ofWritten: offset))
  }

  /// `$` is the end of the text alone, and `^` of a line stands behind the last line's end, too, as in RE2. Bytes that are
  /// no UTF-8 match nothing.
  private static let options =
    PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_CIRCUMFLEX | PCRE2_NEVER_BACKSLASH_C

  private static func message(_ number: Int32, _ functions: pcre2_functions) -> String {
    var text = [UInt8](repeating: 0, count: 256)
    let length = functions.get_error_message_8(number, &text, text.count)
    return length > 0 ? String(decoding: text.prefix(Int(length)), as: UTF8.self) : "not a regular expression"
  }

  /// The number of a named group; `nil` where the pattern has none of that name.
  func group(named name: String) -> Int? {
    let number = name.withCString { text in
      text.withMemoryRebound(to: UInt8.self, capacity: name.utf8.count + 1) {
        library.functions.substring_number_from_name_8(code, $0)
      }
    }
    return number > 0 ? Int(number) : nil
  }
}

extension Pattern: Equatable {
  /// Whether both were written the same.
  package static func == (left: Pattern, right: Pattern) -> Bool { left.text == right.text }
}
