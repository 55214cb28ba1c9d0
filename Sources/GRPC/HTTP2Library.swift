import CNGHTTP2
import Platform

/// libnghttp2, opened with the first connection that speaks HTTP/2 instead of being linked, because most agents see none. It
/// stays open until the process ends.
///
/// Sendable by hand: the table of functions is filled once and only read from then on.
package final class HTTP2Library: @unchecked Sendable {
  /// Why it cannot be used, for a person.
  package struct Missing: Error, Equatable {
    package let reason: String
  }

  #if canImport(Darwin)
    static let names = [
      "/opt/homebrew/opt/libnghttp2/lib/libnghttp2.14.dylib", "/usr/local/opt/libnghttp2/lib/libnghttp2.14.dylib",
      "libnghttp2.14.dylib",
    ]
    private static let installation = "brew install libnghttp2"
  #else
    static let names = ["libnghttp2.so.14"]
    private static let installation = "the package libnghttp2-14 has it"
  #endif

  private static let shared = Result { () throws(Missing) in try HTTP2Library() }

  let functions: nghttp2_functions

  /// The library, opened by whoever is the first to ask for it.
  package static func open() throws(Missing) -> HTTP2Library { try shared.get() }

  /// Says whether it could be opened now, and leaves it closed.
  package static func check() throws(Missing) { dlclose(try load(names).handle) }

  /// Takes the first library of `names` that is there.
  init(names: [String] = HTTP2Library.names) throws(Missing) { functions = try Self.load(names).functions }

  private static func load(
    _ names: [String]
  ) throws(Missing) -> (handle: UnsafeMutableRawPointer, functions: nghttp2_functions) {
    // Once: what is opened twice has to be closed twice.
    var opened: UnsafeMutableRawPointer?
    for name in names where opened == nil { opened = dlopen(name, RTLD_NOW | RTLD_LOCAL) }
    guard let handle = opened else {
      throw Missing(reason: "libnghttp2 is not installed: \(installation)")
    }
    var functions = nghttp2_functions()
    if let missing = nghttp2_functions_load(&functions, handle) {
      let reason = "this libnghttp2 has no \(String(cString: missing))"
      dlclose(handle)
      throw Missing(reason: reason)
    }
    return (handle, functions)
  }
}
