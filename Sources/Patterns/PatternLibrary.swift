import CPCRE2
import Platform

/// PCRE2, opened with the first pattern instead of being linked. It stays open until the process ends.
///
/// Sendable by hand: the table of functions is filled once and only read from then on.
final class PatternLibrary: @unchecked Sendable {
  #if canImport(Darwin)
    static let names = ["/opt/homebrew/lib/libpcre2-8.dylib", "/usr/local/lib/libpcre2-8.dylib", "libpcre2-8.dylib"]
    private static let installation = "brew install pcre2"
  #else
    static let names = ["libpcre2-8.so.0"]
    private static let installation = "the package libpcre2-8-0 has it"
  #endif

  private static let shared = Result { () throws(PatternError) in try PatternLibrary() }

  let functions: pcre2_functions
  /// Whether a class of characters can be told to mean a script alone.
  let knowsScriptExtensions: Bool

  /// The library, opened by whoever is the first to ask for it.
  static func open() throws(PatternError) -> PatternLibrary { try shared.get() }

  /// Takes the first library of `names` that is there.
  init(names: [String] = PatternLibrary.names) throws(PatternError) {
    guard let handle = names.lazy.compactMap({ dlopen($0, RTLD_NOW | RTLD_LOCAL) }).first else {
      throw PatternError(
        message: "patterns need PCRE2, which is not installed: \(Self.installation)", character: nil)
    }
    var functions = pcre2_functions()
    if let missing = pcre2_functions_load(&functions, handle) {
      throw PatternError(message: "this PCRE2 has no \(String(cString: missing))", character: nil)
    }
    self.functions = functions
    knowsScriptExtensions = Self.isAtLeast(minor: 40, functions)
  }

  /// Whether it is PCRE2 10.`minor` or newer.
  private static func isAtLeast(minor: Int, _ functions: pcre2_functions) -> Bool {
    // The length counts the NUL, too; a version is `10.42 2022-12-11`.
    let length = functions.config_8(UInt32(PCRE2_CONFIG_VERSION), nil)
    guard length > 1, length < 256 else { return false }
    var bytes = [UInt8](repeating: 0, count: Int(length))
    guard functions.config_8(UInt32(PCRE2_CONFIG_VERSION), &bytes) > 0 else { return false }
    let text = String(decoding: bytes.prefix { $0 != 0 && $0 != UInt8(ascii: " ") }, as: UTF8.self)
    let numbers = text.split(separator: ".").map { Int($0.prefix(while: \.isNumber)) ?? 0 }
    return numbers.count > 1 && (numbers[0], numbers[1]) >= (10, minor)
  }
}
