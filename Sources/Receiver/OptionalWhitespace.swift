import CMicroHTTPD
import Platform

/// White space around a header's value (OWS), which is no part of the value (RFC 9112, 5.1).
///
/// Before version 1.0 libmicrohttpd leaves what stands behind a value, and knows neither a length nor `chunked` with a
/// blank behind it. It skips what stands before a value; so blanks are moved there, within the line, before it reads the
/// headers. It calls nobody between the request line and the end of the head, so that this is done once, with what has
/// come; docs/protocol.md says what that means for a head in pieces.
enum OptionalWhitespace {
  static let pageBytes = UInt(max(getpagesize(), 1))
  /// Whether the library leaves what stands behind a value.
  static let isKeptByLibrary = roost_mhd_keeps_places() != 0
  /// libmicrohttpd maps whole zeroed pages for a connection only where they are small beside its memory. Elsewhere a
  /// header with a blank behind its value stays as it came.
  static let isNeeded = isKeptByLibrary && pageBytes <= 16_384
  private static let versionBytesMax = 16

  /// The value without spaces and tabs around it.
  @inline(__always)
  static func without(_ value: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    var (start, end) = (0, value.count)
    while end > start, isBlank(value[end &- 1]) { end &-= 1 }
    while start < end, isBlank(value[start]) { start &+= 1 }
    return UnsafeRawBufferPointer(rebasing: value[start..<end])
  }

  /// Moves the blanks of all header lines that lie behind a request line.
  ///
  /// How much has come is not known here. What has not come yet is zeros, where no line ends; and only the page of memory
  /// in which the request line ends is looked at, which surely is the connection's. A line further behind stays as it
  /// came: where libmicrohttpd does not know its value, it refuses the request.
  ///
  /// - Parameters:
  ///   - target: of the request line, in the connection's memory.
  ///   - targetBytes: as it came, with the query.
  static func move(behind target: UnsafeMutableRawPointer, targetBytes: Int) {
    guard isNeeded, let lines = headerLines(behind: target + targetBytes) else { return }
    var start = 0
    while let end = index(of: UInt8(ascii: "\n"), in: lines, from: start) {
      // An empty line is the end of the head, and no bare line feed is let through.
      guard end > start + 1, lines[end - 1] == UInt8(ascii: "\r") else { return }
      if isBlank(lines[end - 2]) { move(in: lines, line: start..<end - 1) }
      start = end + 1
    }
  }

  /// What is behind the request line on its page; `nil` where the line does not end as one of HTTP/1 does.
  private static func headerLines(behind targetEnd: UnsafeMutableRawPointer) -> UnsafeMutableRawBufferPointer? {
    // A zero stands behind the target, so that its page is the connection's.
    let rest = restOfPage(targetEnd)
    guard rest.count > versionBytesMax else { return nil }
    // Zeros took the place of the space before the version and of the line end.
    guard let end = index(of: 0, in: rest, from: 1), end > 1, end <= versionBytesMax, end + 1 < rest.count,
      rest[end + 1] == 0
    else { return nil }
    return UnsafeMutableRawBufferPointer(rebasing: rest[(end + 2)...])
  }

  private static func restOfPage(_ start: UnsafeMutableRawPointer) -> UnsafeMutableRawBufferPointer {
    let used = UInt(bitPattern: start) % pageBytes
    return UnsafeMutableRawBufferPointer(start: start, count: Int(pageBytes - used))
  }

  private static func move(in lines: UnsafeMutableRawBufferPointer, line: Range<Int>) {
    guard let colon = index(of: UInt8(ascii: ":"), in: lines, from: line.lowerBound), colon < line.upperBound
    else { return }
    let start = colon + 1
    var end = line.upperBound
    while end > start, isBlank(lines[end - 1]) { end -= 1 }
    guard end > start, let base = lines.baseAddress else { return }
    let blanks = line.upperBound - end
    memmove(base + start + blanks, base + start, end - start)
    memset(base + start, Int32(UInt8(ascii: " ")), blanks)
  }

  private static func index(of byte: UInt8, in bytes: UnsafeMutableRawBufferPointer, from start: Int) -> Int? {
    guard start < bytes.count, let base = bytes.baseAddress else { return nil }
    return memchr(base + start, Int32(byte), bytes.count - start).map { $0 - base }
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
