import CISAL
import Platform

/// ISA-L, Intel's library whose gzip is several times as fast as zlib's, opened with the first body that needs it instead
/// of being linked. It stays open until the process ends.
///
/// Sendable by hand: the table of functions is filled once and only read from then on.
@safe
final class IgzipLibrary: @unchecked Sendable {
  #if canImport(Darwin)
    static let names = ["/opt/homebrew/lib/libisal.2.dylib", "/usr/local/lib/libisal.2.dylib", "libisal.2.dylib"]
  #else
    static let names = ["libisal.so.2"]
  #endif

  /// The library, opened by whoever is the first to ask for it; `nil` where it is not installed.
  static let installed = IgzipLibrary()

  let functions: isal_functions

  /// Takes the first library of `names` that is there.
  init?(names: [String] = IgzipLibrary.names) {
    guard let handle = unsafe names.lazy.compactMap({ unsafe dlopen($0, RTLD_NOW | RTLD_LOCAL) }).first else {
      return nil
    }
    var functions = isal_functions()
    guard unsafe isal_functions_load(&functions, handle) == nil else { return nil }
    self.functions = functions
  }
}
