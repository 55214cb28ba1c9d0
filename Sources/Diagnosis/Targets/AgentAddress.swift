import Addresses

/// Where a tracer's setting leads: a host and port, or a unix socket.
package enum AgentAddress: Sendable, Equatable {
  case socket(SocketAddress)
  /// The setting cannot be used; the text says what is wrong with it, without repeating it.
  case unusable(String)

  /// Reads an agent's URL as tracers do: `http://host:port`, `https://…`, `unix:///path`.
  ///
  /// Without a port it is the scheme's, 80 or 443.
  package static func of(url: String) -> AgentAddress {
    guard let separator = url.firstIndex(of: ":") else { return .unusable("it has no scheme such as http://") }
    let scheme = url[..<separator].lowercased()
    let rest = url[url.index(after: separator)...]
    if scheme == "unix" {
      let path = rest.hasPrefix("//") ? rest.dropFirst(2) : rest
      return path.hasPrefix("/")
        ? .socket(.unix(path: String(path))) : .unusable("the path of the socket must start with /")
    }
    guard rest.hasPrefix("//") else { return .unusable("it has no scheme such as http://") }
    guard scheme == "http" || scheme == "https" else { return .unusable("its scheme is neither http, https nor unix") }
    let authority = rest.dropFirst(2).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    let place = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
    return of(place: place, portDefault: scheme == "http" ? 80 : 443)
  }

  /// Reads `host`, `host:port`, `[address]`, `[address]:port`.
  static func of(place: Substring, portDefault: UInt16) -> AgentAddress {
    guard !place.contains(where: { $0.isWhitespace || $0 == "\"" || $0 == "'" }) else {
      return .unusable("it holds spaces or quotes")
    }
    let host: Substring
    let port: Substring
    if place.first == "[" {
      guard let end = place.firstIndex(of: "]") else { return .unusable("a [ has no ]") }
      host = place[place.index(after: place.startIndex)..<end]
      port = place[place.index(after: end)...]
    } else {
      guard place.count(where: { $0 == ":" }) < 2 else {
        return .unusable("an IPv6 address in a URL needs brackets: http://[2001:db8::1]:8126")
      }
      let end = place.firstIndex(of: ":") ?? place.endIndex
      host = place[..<end]
      port = place[end...]
    }
    guard !host.isEmpty else { return .unusable("it names no host") }
    if port.isEmpty { return .socket(.tcp(host: String(host), port: portDefault)) }
    guard port.first == ":", let number = portNumber(port.dropFirst()) else {
      return .unusable("its port is no number between 1 and 65535")
    }
    return .socket(.tcp(host: String(host), port: number))
  }

  /// 1 to 65535, in digits only; `nil` for anything else.
  package static func portNumber(_ text: some StringProtocol) -> UInt16? {
    guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }),
      let number = UInt16(text), number > 0
    else { return nil }
    return number
  }

  /// `host:port` with brackets around an IPv6 address, or the path.
  package var text: String {
    switch self {
    case .socket(let address): address.description
    case .unusable(let why): why
    }
  }

  /// Whether it leads to the machine, or the container, that asks.
  package var isLoopback: Bool {
    guard case .socket(.tcp(let host, _)) = self else { return false }
    let name = host.lowercased()
    return name == "localhost" || name.hasSuffix(".localhost") || name == "::1" || name == "0.0.0.0" || name == "::"
      || (name.hasPrefix("127.") && name.utf8.allSatisfy { $0 == UInt8(ascii: ".") || ($0 >= 0x30 && $0 <= 0x39) })
  }
}
