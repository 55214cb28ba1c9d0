import CCares
import Platform

/// c-ares, opened when the name servers of a container are asked instead of being linked.
///
/// The C library's resolver would read the machine's own `resolv.conf`, or run code out of the container; c-ares asks
/// whom it is told. It stays open until the process ends, because a thread that was left to itself may still be in it.
///
/// Sendable by hand: the table of functions is filled once and only read from then on.
final class DNSLibrary: @unchecked Sendable {
  /// Why it cannot be used, for a person.
  struct Missing: Error, Equatable {
    let reason: String
  }

  #if canImport(Darwin)
    static let names = [
      "libcares.2.dylib", "/opt/homebrew/opt/c-ares/lib/libcares.2.dylib", "/usr/local/opt/c-ares/lib/libcares.2.dylib",
    ]
    private static let installation = "brew install c-ares"
  #else
    static let names = ["libcares.so.2"]
    private static let installation = "the package libc-ares2 has it"
  #endif

  let functions: cares_functions

  /// Takes the first library of `names` that is there.
  init(names: [String] = DNSLibrary.names) throws(Missing) {
    guard let handle = names.lazy.compactMap({ dlopen($0, RTLD_NOW | RTLD_LOCAL) }).first else {
      throw Missing(reason: "c-ares, which asks its name servers, is not installed: \(Self.installation)")
    }
    var functions = cares_functions()
    if let missing = cares_start(&functions, handle) {
      throw Missing(reason: "c-ares, which asks its name servers, has no \(String(cString: missing)) here")
    }
    self.functions = functions
  }
}
