/// Tells whether an address in a line is an agent's: lines that anybody could have written are about the agent only then.
struct LogAgents: Sendable {
  /// Where all tracers send by themselves.
  private static let port = EffectiveTarget.defaultPort
  /// Places of agents that are known from elsewhere.
  private let known: [Place]

  init(_ known: [Place] = []) { self.known = known }

  /// `nil` when the line names no address.
  func isNamed(in line: LogText, url: String?) -> Bool? {
    if let url, let place = Place(url) { return isAgent(place) }
    let ports = Self.ports(in: line)
    return ports.isEmpty ? nil : ports.contains { port in port == Self.port || known.contains { $0.port == port } }
  }

  private func isAgent(_ place: Place) -> Bool {
    if known.contains(where: { $0.isSame(as: place) }) { return true }
    return place.isTCP ? place.port == Self.port : place.path.contains("/datadog/")
  }

  /// What stands before a port that stands apart from its host.
  private static let markers = [":", "port=", "port ", "port: ", "', ", "\", "]

  /// Numbers of two digits or more that stand where a port does.
  ///
  /// A number before a further colon, a dot or a letter is none of a port: a time, a version, an error's code.
  private static func ports(in line: LogText) -> [Int] {
    var ports: [Int] = []
    for marker in markers {
      var start = 0
      while let end = line.end(of: marker, from: start) {
        start = end
        let digits = line.bytes[end...].prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        let next = line.bytes.dropFirst(end + digits.count).first ?? 0x20
        let before = end > marker.utf8.count ? line.bytes[end - marker.utf8.count - 1] : 0x20
        let isBehindHost = marker != ":" || isHostEnd(before)
        guard (2...5).contains(digits.count), isBehindHost, next != UInt8(ascii: ":"), next != UInt8(ascii: "."),
          !isHostEnd(next), !isSourceFile(line.bytes[..<(end - marker.utf8.count)]),
          let port = Int(String(decoding: digits, as: UTF8.self)), (80...65_535).contains(port)
        else { continue }
        ports.append(port)
      }
    }
    return ports
  }

  /// `_ssl.c:1000` is a line of a source file.
  private static func isSourceFile(_ text: ArraySlice<UInt8>) -> Bool {
    [".c", ".py", ".go", ".rb", ".js", ".java", ".kt"].contains { text.suffix($0.utf8.count).elementsEqual($0.utf8) }
  }

  private static func isHostEnd(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "]"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
