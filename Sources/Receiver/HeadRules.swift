import CMicroHTTPD

/// What HTTP forbids in the head of a request because two readers could see two different requests in it (RFC 9112,
/// 2.2, 5 and 6), and libmicrohttpd lets through.
///
/// Before version 1.0 it takes a bare line feed for the end of a line, a NUL for the end of a value, and joins folded
/// lines. It leaves everything where it came and writes zeros over the ends of names, values and lines, so that the
/// distances between them show what was there. Looking at those costs a few comparisons a header.
struct HeadRules {
  /// Where names, values and lines end in the head is known from their places.
  private static let knowsPlaces = roost_mhd_keeps_places() != 0
  /// Carriage return and line feed.
  private static let lineEndBytes = 2

  private(set) var isBroken: Bool
  /// The end of the line before, without its line end; `nil` when that is not known.
  private var end: UnsafeRawPointer?

  init(_ line: RequestLine) {
    end = line.version.baseAddress.map { $0 + line.version.count }
    isBroken = false
    guard Self.knowsPlaces else { return }
    // What lies between is one space: otherwise there was a NUL.
    isBroken = line.version.baseAddress != line.target.baseAddress.map { $0 + line.targetBytes + 1 }
  }

  /// The next header, in the order in which they came.
  mutating func add(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
    guard let first = name.first, let last = name.last, !Self.isBlank(first), !Self.isBlank(last) else {
      isBroken = true
      return
    }
    guard Self.knowsPlaces else { return }
    if let end, name.baseAddress != end + Self.lineEndBytes { isBroken = true }
    end = value.baseAddress.map { $0 + value.count }
  }

  /// A header that came before. One that says where the body ends must not say two things.
  mutating func addAgain(_ header: KnownHeader, _ value: UnsafeRawBufferPointer, first: UnsafeRawBufferPointer) {
    switch header {
    case .contentLength: if !value.elementsEqual(first) { isBroken = true }
    case .transferEncoding, .host: isBroken = true
    default: break
    }
  }

  /// After the last header: the whole head takes up `bytes` from the beginning of the request line on.
  mutating func finish(_ line: RequestLine, bytes: Int) {
    guard Self.knowsPlaces, !isBroken, let end else { return }
    isBroken = end + 2 * Self.lineEndBytes != line.method.baseAddress.map { $0 + bytes }
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}

extension RequestHeaders {
  /// Whether the headers together leave open where the body ends or whom the request is for.
  ///
  /// A client on a unix socket has no host to name, and many name none.
  func contradict(_ line: RequestLine, from peer: PeerIdentity) -> Bool {
    if contains(.transferEncoding) && (contains(.contentLength) || line.isVersion10) { return true }
    return !contains(.host) && !line.isVersion10 && !peer.isUnix
  }
}

/// The first line of a request as libmicrohttpd gives it.
struct RequestLine {
  let method: UnsafeRawBufferPointer
  /// The path or URL, percent-decoded, without the query.
  let target: UnsafeRawBufferPointer
  /// As it came, with the query.
  let targetBytes: Int
  let version: UnsafeRawBufferPointer

  /// HTTP/1.0, which knows neither `Host` nor `Transfer-Encoding`.
  var isVersion10: Bool { version.last == UInt8(ascii: "0") }
}
