import CCurl
import Platform

/// libcurl, opened when it is first needed instead of being linked: it and its libraries take 6 MB of resident memory.
///
/// It stays open until the process ends, because the TLS library below it registers code to run at that time.
///
/// Sendable by hand: the table of functions is filled once and only read from then on.
final class CurlLibrary: @unchecked Sendable {
  #if canImport(Darwin)
    private static let names = [
      "libcurl.4.dylib", "/usr/lib/libcurl.4.dylib", "/opt/homebrew/opt/curl/lib/libcurl.4.dylib",
    ]
  #else
    // Debian and its kin ship the same library over OpenSSL and over GnuTLS; some machines have only the latter.
    private static let names = ["libcurl.so.4", "libcurl-gnutls.so.4"]
  #endif

  let functions: curl_functions

  init() throws(ForwarderError) {
    var reason = ""
    var handle: UnsafeMutableRawPointer?
    for name in Self.names {
      handle = dlopen(name, RTLD_NOW | RTLD_LOCAL)
      if handle != nil { break }
      reason = dlerror().map { String(cString: $0) } ?? name
    }
    guard let handle else { throw .libraryMissing(reason: reason) }

    var functions = curl_functions()
    if let missing = curl_functions_load(&functions, handle) {
      let version = functions.version.flatMap { $0() }.map { String(cString: $0) } ?? "this one"
      throw .libraryTooOld(version: version, missing: String(cString: missing))
    }
    // Counts its callers, and is safe to call from several threads from libcurl 7.84 on.
    let status = functions.global_init(Int(CURL_GLOBAL_ALL))
    guard status == CURLE_OK else { throw .noResources("libcurl could not start (\(status.rawValue))") }
    self.functions = functions
  }

  /// libcurl's own words for a result.
  func text(_ code: CURLcode) -> String {
    functions.easy_strerror(code).map { String(cString: $0) } ?? "libcurl error \(code.rawValue)"
  }
}
