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

    package init(reason: String) { self.reason = reason }
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

  let functions: nghttp2_functions

  /// Opens the library. That it could not be opened may pass: it may be a lack of descriptors or memory.
  package static func open() throws(Missing) -> HTTP2Library { try HTTP2Library() }

  /// Says whether it could be opened now, and leaves it closed.
  package static func check() throws(Missing) { dlclose(try load(names).handle) }

  /// Takes the first library of `names` that is there.
  init(names: [String] = HTTP2Library.names) throws(Missing) { functions = try Self.load(names).functions }

  private static func load(
    _ names: [String]
  ) throws(Missing) -> (handle: UnsafeMutableRawPointer, functions: nghttp2_functions) {
    // Once: what is opened twice has to be closed twice.
    var opened: UnsafeMutableRawPointer?
    var error = ""
    for name in names where opened == nil {
      opened = dlopen(name, RTLD_NOW | RTLD_LOCAL)
      if opened == nil, let text = dlerror() { error = String(cString: text) }
    }
    guard let handle = opened else {
      throw Missing(reason: "libnghttp2 cannot be opened: \(error) (\(installation))")
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
