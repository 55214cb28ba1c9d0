import CSQLite
import Platform

/// SQLite, opened when there is a store instead of being linked. It stays open until the process ends.
///
/// Sendable by hand: the table of functions is filled once and only read from then on.
final class SQLiteLibrary: @unchecked Sendable {
  #if canImport(Darwin)
    static let names = ["/usr/lib/libsqlite3.dylib", "libsqlite3.dylib"]
    private static let installation = "brew install sqlite"
  #else
    static let names = ["libsqlite3.so.0"]
    private static let installation = "the package libsqlite3-0 has it"
  #endif

  let functions: sqlite_functions

  /// Takes the first library of `names` that is there.
  init(names: [String] = SQLiteLibrary.names) throws(StoreError) {
    guard let handle = names.lazy.compactMap({ dlopen($0, RTLD_NOW | RTLD_LOCAL) }).first else {
      throw .noLibrary(reason: "SQLite is not installed: \(Self.installation)")
    }
    var functions = sqlite_functions()
    if let missing = sqlite_functions_load(&functions, handle) {
      throw .noLibrary(reason: "this SQLite has no \(String(cString: missing))")
    }
    self.functions = functions
  }
}
