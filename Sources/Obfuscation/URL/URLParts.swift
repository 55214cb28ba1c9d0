/// Where the parts of a URL lie, by the rules of Go's `net/url`, which the Datadog agent reads URLs with.
struct URLParts {
  var scheme: TextBytes?
  /// What stands behind a scheme with no slash: `mailto:a@b`.
  var opaque: TextBytes?
  /// Behind `//`, without user and password; `nil` without `//`.
  var host: TextBytes?
  var path: TextBytes
  /// Behind `?`; `nil` without one.
  var query: TextBytes?
  var fragment: TextBytes?

  /// Returns `nil` for what is no URL.
  init?(_ text: TextBytes) {
    let hash = text.firstIndex(of: UInt8(ascii: "#"))
    var rest = text.part(0, hash ?? text.count)
    fragment = hash.map { text.part($0 + 1, text.count) }
    path = rest
    for index in 0..<rest.count where rest[index] < 0x20 || rest[index] == 0x7F { return nil }
    if rest.isEqual(to: "*") { return }
    guard let colon = Self.schemeEnd(rest) else { return nil }
    let authorityStart = colon > 0 ? colon + 3 : 2
    if colon > 0 {
      scheme = rest.part(0, colon)
      rest = rest.part(colon + 1, rest.count)
    }
    if let mark = rest.firstIndex(of: UInt8(ascii: "?")) {
      query = rest.part(mark + 1, rest.count)
      rest = rest.part(0, mark)
    }
    path = rest
    if rest[0] != UInt8(ascii: "/") {
      if scheme != nil {
        opaque = rest
        path = rest.part(0, 0)
        guard readFragment() else { return nil }
        return
      }
      let segment = rest.part(0, rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.count)
      if segment.firstIndex(of: UInt8(ascii: ":")) != nil { return nil }
    }
    let hasAuthority = rest[0] == UInt8(ascii: "/") && rest[1] == UInt8(ascii: "/")
    if hasAuthority, scheme != nil || rest[2] != UInt8(ascii: "/") {
      let slash = rest.firstIndex(of: UInt8(ascii: "/"), from: 2) ?? rest.count
      path = rest.part(slash, rest.count)
      let authority = rest.part(2, slash)
      guard readAuthority(authority),
        !UserInformation.isCut(authority, before: text.part(authorityStart + authority.count, text.count))
      else { return nil }
    }
    guard PercentEncoding.isValid(path, in: .path), readFragment() else { return nil }
  }

  /// The length of the scheme, 0 without one, and `nil` for a colon with nothing before it.
  private static func schemeEnd(_ text: TextBytes) -> Int? {
    for index in 0..<text.count {
      let byte = text[index]
      if byte != UInt8(ascii: "_"), CharacterClass.isASCIILetter(byte) { continue }
      switch byte {
      case 0x30...0x39, UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
        if index == 0 { return 0 }
      case UInt8(ascii: ":"): return index == 0 ? nil : index
      default: return 0
      }
    }
    return 0
  }

  private mutating func readAuthority(_ authority: TextBytes) -> Bool {
    let at = authority.lastIndex(of: UInt8(ascii: "@"))
    if let at, !Self.isUser(authority.part(0, at)) { return false }
    let name = authority.part(at.map { $0 + 1 } ?? 0, authority.count)
    host = name
    return Self.isHost(name)
  }

  private static func isUser(_ text: TextBytes) -> Bool {
    for index in 0..<text.count {
      let byte = text[index]
      if CharacterClass.isASCIILetter(byte) || CharacterClass.isDigit(byte) { continue }
      switch byte {
      case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "~"), UInt8(ascii: "!"),
        UInt8(ascii: "$"), UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "("), UInt8(ascii: ")"),
        UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "="),
        UInt8(ascii: "%"), UInt8(ascii: "@"):
        continue
      default: return false
      }
    }
    return PercentEncoding.isValid(text, in: .path)
  }

  private static func isHost(_ text: TextBytes) -> Bool {
    if text[0] == UInt8(ascii: "[") {
      guard let end = text.lastIndex(of: UInt8(ascii: "]")) else { return false }
      return isPort(text.part(end + 1, text.count)) && PercentEncoding.isValid(text.part(0, end), in: .host)
    }
    if let colon = text.lastIndex(of: UInt8(ascii: ":")), !isPort(text.part(colon, text.count)) { return false }
    return PercentEncoding.isValid(text, in: .host)
  }

  private static func isPort(_ text: TextBytes) -> Bool {
    if text.isEmpty { return true }
    guard text[0] == UInt8(ascii: ":") else { return false }
    return (1..<text.count).allSatisfy { CharacterClass.isDigit(text[$0]) }
  }

  private func readFragment() -> Bool {
    fragment.map { PercentEncoding.isValid($0, in: .fragment) } ?? true
  }
}
