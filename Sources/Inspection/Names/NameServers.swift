/// How a container's resolver is set up: the parts of `resolv.conf` that decide which questions are asked, and whom.
struct NameServers: Sendable, Equatable {
  /// Numeric addresses, in order; as many as the C library uses.
  private(set) var addresses: [String] = []
  /// Ports by the addresses' order; 53 where there is none, as `resolv.conf` names none.
  var ports: [Int] = []
  /// Domains that are appended to short names.
  private(set) var search: [String] = []
  /// From so many dots on, a name is asked for as it is first.
  private(set) var dotsMin = 1

  /// A file for a resolver has some lines; what is behind is not read.
  static let bytesMax = 65_536
  private static let addressesMax = 3
  private static let searchMax = 6

  /// Reads a `resolv.conf`; the last `search` or `domain` counts.
  init(_ text: String) {
    for line in text.split(whereSeparator: \.isNewline) {
      let fields = line.split(whereSeparator: \.isWhitespace).map(String.init)
      guard fields.count > 1 else { continue }
      switch fields[0] {
      case "nameserver" where addresses.count < Self.addressesMax: addresses.append(fields[1])
      case "search", "domain": search = Array(fields.dropFirst().prefix(Self.searchMax))
      case "options":
        for option in fields where option.hasPrefix("ndots:") {
          dotsMin = Int(option.dropFirst(6)).map { min(max($0, 0), 15) } ?? dotsMin
        }
      default: break
      }
    }
    // Without one, the machine itself is asked.
    if addresses.isEmpty { addresses = ["127.0.0.1"] }
  }

  /// The addresses with their ports: `10.0.0.2:53`, `[fd00::2]:53`.
  var places: [String] {
    addresses.enumerated().map { index, address in
      (address.contains(":") ? "[\(address)]" : address) + ":\(index < ports.count ? ports[index] : 53)"
    }
  }

  /// The full names to ask for, one after the other, until one is known.
  func candidates(for name: String) -> [String] {
    if name.hasSuffix(".") { return [String(name.dropLast())] }
    let extended = search.map { "\(name).\($0)" }
    return name.count(where: { $0 == "." }) >= dotsMin ? [name] + extended : extended + [name]
  }
}
