/// Why payloads cannot be forwarded at all. Never holds a key.
package enum ForwarderError: Error, Equatable {
  /// No libcurl was found; `reason` is what the loader says about the last name tried.
  case libraryMissing(reason: String)
  /// The libcurl found lacks a function.
  case libraryTooOld(version: String, missing: String)
  /// Not an `http://` or `https://` URL.
  case badURL(String)
  /// The API key is empty, or holds a character that no key has.
  case badKey(destination: String)
  /// A header of the destination that could not stand in a request; never its value.
  case badHeader(destination: String, name: String)
  /// The list of destinations is empty.
  case noDestinations
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
    case .badKey(let destination): "the API key for \(destination) is empty, or holds a space or a line break"
    case .badHeader(let destination, let name):
      "the header `\(name)` for \(destination) has a name or a value that cannot be sent"
    case .noDestinations: "there is no intake to forward to"
    case .noResources(let reason): "forwarding cannot start: \(reason)"
    }
  }
}
