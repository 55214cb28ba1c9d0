import Addresses
import Scrubbing

/// The agent's address in a log line.
enum LogAddress {
  /// What stands before a bare `host:port` in lines that name no URL.
  private static let markers = [
    "dial tcp ", "dial unix ", "connect ECONNREFUSED ", "connect ETIMEDOUT ", "connect EHOSTUNREACH ",
    "connect EADDRNOTAVAIL ", "connect ENOENT ", "connect EACCES ", "connect ECONNRESET ", "connect EPROTOTYPE ",
    "TCP connection to ", "services to ", "spans to ", "traces to ", "metrics to ", "logs to ", "Failed to connect to ",
    "connect(2) for ", "hostAddress=/",
    "Could not resolve host: ", "connect timed out to ",
  ]

  /// The first URL at or behind `start`, else what stands behind one of the markers. Without the path of an endpoint and
  /// without a query. `nil` when the line names none.
  static func found(in line: LogText, from start: Int = 0) -> String? {
    for scheme in ["unix://", "http+unix://", "http://", "https://"] {
      guard let offset = line.find(scheme, from: start) else { continue }
      let url = line.word(at: offset, until: isEndOfURL)
      if let trimmed = trimmed(url, scheme: scheme) { return trimmed }
    }
    if let pool = pool(in: line, from: start) { return pool }
    for marker in markers {
      guard let end = line.end(of: marker, from: start) else { continue }
      if let address = bare(line, at: end) { return address }
    }
    return nil
  }

  /// `HTTPConnectionPool(host='localhost', port=8126)` of Python's urllib3.
  private static func pool(in line: LogText, from start: Int) -> String? {
    guard let end = line.end(of: "ConnectionPool(host='", from: start) ?? line.end(of: "ConnectionPool(host='"),
      let port = line.end(of: "', port=", from: end).flatMap(line.number(at:))
    else { return nil }
    let host = line.word(at: end) { $0 <= 0x20 || $0 == UInt8(ascii: "'") }
    guard !host.isEmpty, let port = UInt16(exactly: port) else { return nil }
    return SocketAddress.tcp(host: host, port: port).description
  }

  /// The address that a line names, without user names, passwords and keys.
  static func clean(in line: LogText, from start: Int = 0) -> String? {
    // A short one without a user's name holds none.
    found(in: line, from: start).map { $0.utf8.count > 60 || $0.contains("@") ? Scrubber.scrub($0) : $0 }
  }

  private static func isEndOfURL(_ byte: UInt8) -> Bool { byte <= 0x20 || "\"'`<>,;)|\\{}".utf8.contains(byte) }

  private static func trimmed(_ url: String, scheme: String) -> String? {
    var rest = Substring(url.dropFirst(scheme.count))
    while let last = rest.last, ".:!".contains(last) { rest = rest.dropLast() }
    if let query = rest.firstIndex(of: "?") { rest = rest[..<query] }
    if scheme.hasSuffix("unix://") {
      // Python and Ruby write the endpoint behind the socket's path.
      for endpoint in ["/v0.", "/v1.", "/telemetry/", "/info"] {
        if let range = rest.firstRange(of: endpoint) { rest = rest[..<range.lowerBound] }
      }
      return rest.isEmpty ? nil : "unix://" + rest
    }
    let place = rest.prefix { $0 != "/" }
    return place.isEmpty ? nil : scheme + place
  }

  /// `localhost:8126`, `localhost/127.0.0.1:8126` as Java writes it, `localhost port 8126` as curl does, `::1:8126` as
  /// Node does, a path.
  private static func bare(_ line: LogText, at offset: Int) -> String? {
    var word = line.word(at: offset) { $0 <= 0x20 || "\"'<>,;()|\\{}".utf8.contains($0) }
    if word.isEmpty, offset < line.bytes.count, line.bytes[offset] == UInt8(ascii: "\"") {
      word = line.word(at: offset + 1) { $0 == UInt8(ascii: "\"") }
    }
    while word.hasSuffix(":") { word.removeLast() }
    if word.hasPrefix("/") { return word.contains(".") ? "unix://" + word : nil }
    if let slash = word.firstIndex(of: "/") { word = String(word[word.index(after: slash)...]) }
    guard !word.isEmpty else { return nil }
    if let end = line.find(word, from: offset).map({ $0 + word.utf8.count }),
      let port = [" port ", "\" port ", ") port "].lazy.compactMap({ text -> Int? in
        guard line.bytes.dropFirst(end).starts(with: text.utf8) else { return nil }
        return line.number(at: end + text.utf8.count)
      }).first
    {
      return "\(word):\(port)"
    }
    guard let colon = word.lastIndex(of: ":"), let port = Int(word[word.index(after: colon)...]) else { return nil }
    let host = word[..<colon]
    guard !host.isEmpty else { return nil }
    return host.contains(":") && !host.hasPrefix("[") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}
