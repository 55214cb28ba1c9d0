/// What is wrong with an agent's address as somebody wrote it, and how it was probably meant.
package struct AddressFault: Sendable, Equatable {
  /// Clause behind the variable's value: `has no scheme`.
  package let what: String
  /// The corrected value; `nil` when nobody can know what was meant.
  package private(set) var meant: String?
  /// The variable to give the corrected value to, when it is another one.
  package var variable: String?
  /// It ends in a path: host and port are right.
  package var hasPath = false
  /// Nothing is wrong with it where it leads to an agent.
  package var isHabit = false

  /// The fault of a value of `DD_TRACE_AGENT_URL`, whose `meant` has none; `nil` when it is fine.
  package static func ofURL(_ value: String) -> AddressFault? {
    guard var fault = firstFault(ofURL: value) else { return nil }
    // A value can have several, and a line to paste must not keep the second.
    for _ in 0..<faultsMax {
      guard let meant = fault.meant, let next = firstFault(ofURL: meant) else { return fault }
      fault.meant = next.meant
    }
    fault.meant = nil
    return fault
  }

  /// More faults than one value has.
  private static let faultsMax = 4

  private static func firstFault(ofURL value: String) -> AddressFault? {
    if let fault = ofAnyText(value, then: { isUsable($0) }) { return fault }
    if value.hasPrefix("/") { return AddressFault(what: "is a path without a scheme", meant: "unix://\(value)") }
    guard let colon = value.firstIndex(of: ":") else { return missingScheme(value) }
    let scheme = value[..<colon].lowercased()
    let behind = value[value.index(after: colon)...]
    switch scheme {
    case "unix": return ofSocket(behind)
    case "http", "https": break
    case _ where behind.hasPrefix("//"):
      let meant = "http:" + behind
      return AddressFault(
        what: "has the scheme `\(scheme)`, which tracers do not speak", meant: meant)
    default: return missingScheme(value)
    }
    guard behind.hasPrefix("//") else {
      let meant = scheme + "://" + behind.drop { $0 == "/" }
      return AddressFault(what: "lacks a slash behind `\(scheme):`", meant: meant)
    }
    return ofPlace(behind.dropFirst(2), scheme: scheme)
  }

  /// Tracers can make an address of it, whether or not it leads to an agent.
  package static func isUsable(_ url: String) -> Bool { firstFault(ofURL: url)?.isHabit ?? true }

  /// `url` without its faults, the port being `port` where it names none; `nil` when nobody can know what was meant.
  private static func corrected(_ url: String, port: String) -> String? {
    guard let fault = ofURL(url) else { return url }
    guard fault.isHabit, isPort(port), let meant = fault.meant else { return fault.meant }
    return meant.dropLast("8126".count) + port
  }

  /// The fault of a value of `DD_AGENT_HOST`, which goes with `port`.
  package static func ofHost(_ value: String, port: String = "8126") -> AddressFault? {
    if let fault = ofAnyText(value, then: { ofHost($0) == nil }) { return fault }
    if value.contains("://") {
      return AddressFault(
        what: "is a URL where a host belongs", meant: corrected(value, port: port), variable: "DD_TRACE_AGENT_URL")
    }
    if value.hasPrefix("/") {
      return AddressFault(
        what: "is a path where a host belongs", meant: "unix://\(value)", variable: "DD_TRACE_AGENT_URL")
    }
    switch value.count(where: { $0 == ":" }) {
    case 0: return nil
    case 1:
      return AddressFault(
        what: "holds a port, which belongs into DD_TRACE_AGENT_PORT",
        meant: corrected("http://\(value)", port: port), variable: "DD_TRACE_AGENT_URL")
    case _ where value.hasPrefix("["):
      return value.hasSuffix("]") ? nil : AddressFault(what: "lacks the bracket behind the address", meant: value + "]")
    default:
      return AddressFault(
        what: "is an IPv6 address without brackets, of which some tracers make an address that is none",
        meant: "http://[\(value)]:\(port)", variable: "DD_TRACE_AGENT_URL")
    }
  }

  /// The fault of a value of `DD_TRACE_AGENT_PORT`.
  package static func ofPort(_ value: String) -> AddressFault? {
    if let fault = ofAnyText(value, then: { ofPort($0) == nil }) { return fault }
    if isPort(value) { return nil }
    // Kubernetes gives a service's address under names that end in _PORT.
    let last = value.split(separator: ":").last.map(String.init) ?? ""
    return AddressFault(what: "is no port number from 1 to 65535", meant: isPort(last) ? last : nil)
  }

  /// Faults that any setting may have.
  private static func ofAnyText(_ value: String, then isFine: (String) -> Bool) -> AddressFault? {
    let isSpace: (Character) -> Bool = { $0.isWhitespace }
    let isQuote: (Character) -> Bool = { "\"'`“”‘’".contains($0) }
    if let template = ["$(", "${", "{{", "<%", "%("].first(where: value.contains) {
      return AddressFault(what: "still holds `\(template)`: nobody put the value in", meant: nil)
    }
    if value.contains(where: isQuote) {
      let meant = value.filter { !isQuote($0) && !isSpace($0) }
      return AddressFault(what: "holds quotation marks", meant: isFine(meant) ? meant : nil)
    }
    if value.contains(where: isSpace) {
      let meant = value.filter { !isSpace($0) }
      return AddressFault(what: "holds white space", meant: isFine(meant) ? meant : nil)
    }
    if value.contains("\\") { return AddressFault(what: "holds a backslash", meant: nil) }
    return nil
  }

  private static func missingScheme(_ value: String) -> AddressFault {
    let port = value.contains(":") ? "" : ":8126"
    let meant = isBareIPv6(value) ? "http://[\(value)]:8126" : "http://\(value)\(port)"
    return AddressFault(what: "has no scheme", meant: meant)
  }

  private static func ofSocket(_ path: Substring) -> AddressFault? {
    let slashes = path.prefix { $0 == "/" }.count
    if slashes == 3 || slashes == 1 { return nil }
    let rest = path.drop { $0 == "/" }
    if rest.isEmpty { return AddressFault(what: "names no socket", meant: nil) }
    return AddressFault(
      what: "needs three slashes behind `unix:`, two of the scheme and one of the path", meant: "unix:///\(rest)")
  }

  private static func ofPlace(_ text: Substring, scheme: String) -> AddressFault? {
    let place = text.prefix { !"/?#".contains($0) }
    let path = text[place.endIndex...]
    if !path.isEmpty, path != "/" {
      let meant = "\(scheme)://\(place)"
      return AddressFault(
        what: "ends in `\(path)`, and tracers add the endpoint's path themselves", meant: meant, hasPath: true)
    }
    if isBareIPv6(String(place)) {
      return AddressFault(
        what: "holds an IPv6 address without brackets", meant: "\(scheme)://\(bracketed(place))")
    }
    let end = place.hasPrefix("[") ? place.lastIndex(of: "]").map { place.index(after: $0) } : nil
    let colon = place[(end ?? place.startIndex)...].firstIndex(of: ":")
    let host = place[..<(colon ?? place.endIndex)]
    if host.isEmpty { return AddressFault(what: "names no host", meant: nil) }
    if place.hasPrefix("["), end == nil {
      return AddressFault(what: "lacks the bracket behind the address", meant: nil)
    }
    guard let colon else {
      return AddressFault(
        what: "names no port, so that tracers take \(scheme == "https" ? 443 : 80)", meant: "\(scheme)://\(host):8126",
        isHabit: true)
    }
    let port = place[place.index(after: colon)...]
    if isPort(String(port)) { return nil }
    return AddressFault(
      what: "has the port `\(port)`, which is no number from 1 to 65535", meant: "\(scheme)://\(host):8126")
  }

  private static func isBareIPv6(_ place: String) -> Bool {
    !place.hasPrefix("[") && place.count(where: { $0 == ":" }) > 1
      && place.allSatisfy { $0 == ":" || $0 == "." || $0.isHexDigit }
  }

  /// `[::1]:8126` of `::1:8126`: four digits behind the last colon are taken for the agent's port.
  private static func bracketed(_ place: Substring) -> String {
    guard let colon = place.lastIndex(of: ":"), place[place.index(after: colon)...] == "8126" else {
      return "[\(place)]:8126"
    }
    return "[\(place[..<colon])]:8126"
  }

  private static func isPort(_ text: String) -> Bool {
    text.utf8.allSatisfy { (48...57).contains($0) } && (Int(text).map { (1...65_535).contains($0) } ?? false)
  }
}
