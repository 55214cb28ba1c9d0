/// The target of a request line taken apart: the segments of its path, and its query.
package struct PageTarget: Sendable, Equatable {
  /// What lies between the slashes, decoded; the root has none.
  package let segments: [String]
  /// Names and values of the query in their order, decoded; `+` is a space.
  package let query: [(name: String, value: String)]

  /// Whether it asks for data, and not for a page or a file of it.
  package var isOfAPI: Bool { segments.first == "api" }

  /// `nil` for what no browser sends: an escape that is none, bytes that are no UTF-8, a zero, a segment that leads up.
  package init?(_ target: String) {
    guard target.hasPrefix("/") else { return nil }
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    guard let path = parts.first else { return nil }
    var segments: [String] = []
    for piece in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      guard let segment = Self.decoded(piece, plusIsSpace: false), segment != ".", segment != ".." else { return nil }
      segments.append(segment)
    }
    if segments.last == "" { segments.removeLast() }
    self.segments = segments
    var query: [(name: String, value: String)] = []
    for pair in parts.count > 1 ? parts[1].split(separator: "&") : [] {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = Self.decoded(sides[0], plusIsSpace: true),
        let value = Self.decoded(sides.count > 1 ? sides[1] : "", plusIsSpace: true)
      else { return nil }
      query.append((name, value))
    }
    self.query = query
  }

  /// The value of that name; of several the last. Empty ones count as not there, as forms send them.
  package subscript(name: String) -> String? {
    query.last { $0.name == name }.flatMap { $0.value.isEmpty ? nil : $0.value }
  }

  package static func == (a: PageTarget, b: PageTarget) -> Bool {
    a.segments == b.segments && a.query.elementsEqual(b.query, by: ==)
  }

  private static func decoded(_ text: Substring, plusIsSpace: Bool) -> String? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%") {
        guard let high = rest.popFirst().flatMap(hexDigit), let low = rest.popFirst().flatMap(hexDigit) else {
          return nil
        }
        bytes.append(high << 4 | low)
      } else {
        bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
      }
    }
    guard !bytes.contains(0) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
