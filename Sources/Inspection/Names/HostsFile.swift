/// A hosts file: names that have addresses without asking a name server.
struct HostsFile: Sendable {
  /// Addresses with their names, in the file's order.
  private(set) var entries: [(address: String, names: [String])] = []

  init(_ text: String) {
    for line in text.split(whereSeparator: \.isNewline) {
      let fields = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
      if fields.count > 1 { entries.append((String(fields[0]), fields.dropFirst().map { $0.lowercased() })) }
    }
  }

  /// The addresses of a name in the order in which a resolver hands them out: IPv6 loopback before IPv4's.
  func addresses(of name: String) -> [String] {
    let found = entries.filter { $0.names.contains(name.lowercased()) }.map(\.address)
    return found.filter { $0 == "::1" } + found.filter { $0 != "::1" }
  }

  /// The lines about a name, shortened to it: `127.0.0.1 localhost`.
  func lines(about names: [String]) -> [String] {
    entries.flatMap { entry in
      names.filter { entry.names.contains($0.lowercased()) }.map { "\(entry.address) \($0)" }
    }
  }
}
