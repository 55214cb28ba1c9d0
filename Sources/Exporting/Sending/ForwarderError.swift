/// Why payloads cannot be forwarded at all. Never holds a key.
package enum ForwarderError: Error, Equatable {
  /// No libcurl was found; `reason` is what the loader says about the last name tried.
  case libraryMissing(reason: String)
  /// The libcurl found lacks a function.
  case libraryTooOld(version: String, missing: String)
  /// Not an `http://` or `https://` URL.
  case badURL(String)
  /// The API key is empty, or holds a character that no key has.
  case badKey(endpoint: String)
  /// Nothing to forward to.
  case noEndpoints
  /// The system gave no thread, or libcurl no handle.
  case noResources(String)
}

extension ForwarderError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .libraryMissing(let reason):
      """
      forwarding needs libcurl, and it is not installed (\(reason)); \
      install it with `apt-get install libcurl4` or `brew install curl`
      """
    case .libraryTooOld(let version, let missing):
      "forwarding needs libcurl 7.68 or newer, and \(version) has no \(missing)"
    case .badURL(let url): "`\(url)` is not a URL to forward to: it must begin with http:// or https://"
    case .badKey(let endpoint): "the API key for \(endpoint) is empty, or holds a space or a line break"
    case .noEndpoints: "there is no intake to forward to"
    case .noResources(let reason): "forwarding cannot start: \(reason)"
    }
  }
}
