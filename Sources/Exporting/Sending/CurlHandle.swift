import CCurl
import Platform

/// Owner of one handle of libcurl, for one request after the other: with it go the lines of the request's head and libcurl's
/// words for what went wrong.
///
/// libcurl keeps pointers to both while the request runs; they stay where they are until `reset`.
final class CurlHandle {
  let easy: UnsafeMutableRawPointer
  private let library: CurlLibrary
  private var lines: UnsafeMutablePointer<curl_slist>?
  private let errorText: UnsafeMutablePointer<CChar>

  /// `nil` when libcurl has no memory for one.
  init?(library: CurlLibrary) {
    guard let easy = library.functions.easy_init() else { return nil }
    self.easy = easy
    self.library = library
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit {
    library.functions.easy_cleanup(easy)
    library.functions.slist_free_all(lines)
    errorText.deallocate()
  }

  /// Makes it a request. Answers other than `CURLE_OK` mean that it must not be started.
  /// - Parameters:
  ///   - headers: whole lines; one that ends with a colon takes away what libcurl would say itself.
  ///   - set: what else the request is.
  func prepare(url: String, headers: [String], _ set: (inout CurlOptions) -> Void) -> CURLcode {
    for line in headers { lines = library.functions.slist_append(lines, line) }
    return withUnsafePointer(to: library.functions) { curl in
      var options = CurlOptions(curl: curl, easy: easy)
      options.set(CURLOPT_URL, url)
      options.set(CURLOPT_HTTPHEADER, pointer: lines)
      options.set(CURLOPT_ERRORBUFFER, pointer: errorText)
      set(&options)
      return options.status
    }
  }

  /// Forgets the request. The connection stays open for the next one.
  func reset() {
    library.functions.easy_reset(easy)
    library.functions.slist_free_all(lines)
    lines = nil
    errorText[0] = 0
  }

  /// Why the request failed, in libcurl's words.
  func text(_ code: CURLcode) -> String {
    errorText[0] == 0 ? library.text(code) : String(cString: errorText)
  }

  /// A number that libcurl knows of the request; 0 where it does not.
  func number(_ info: CURLINFO) -> Int {
    withUnsafePointer(to: library.functions) { curl in
      var value = 0
      _ = curl_get_long(curl, easy, info, &value)
      return value
    }
  }

  /// The same of a number that may be larger.
  func size(_ info: CURLINFO) -> Int64 {
    withUnsafePointer(to: library.functions) { curl in
      var value: curl_off_t = 0
      _ = curl_get_size(curl, easy, info, &value)
      return Int64(value)
    }
  }
}
