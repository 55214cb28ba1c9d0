import Addresses
import Obfuscation

extension OptionSlot {
  /// Reads a value and puts it into its field. On an error the field keeps what it had.
  func read(_ node: YAMLNode, into configuration: inout AgentConfiguration) throws(BadValue) {
    switch self {
    case .boolean(let path): configuration[keyPath: path] = try Self.boolean(node)
    case .optionalBoolean(let path): configuration[keyPath: path] = try Self.boolean(node)
    case .integer(let path, let range, .plain): configuration[keyPath: path] = try Self.integer(node, range)
    case .integer(let path, let range, .bytes): configuration[keyPath: path] = try Self.bytes(node, range)
    case .optionalInteger(let path, let range): configuration[keyPath: path] = try Self.integer(node, range)
    case .number(let path, let range): configuration[keyPath: path] = try Self.number(node, range)
    case .duration(let path, let rule):
      if let value = try Self.duration(node, rule) { configuration[keyPath: path] = value }
    case .text(let path): configuration[keyPath: path] = try Self.text(node)
    case .optionalText(let path): configuration[keyPath: path] = try Self.text(node)
    case .host(let path): configuration[keyPath: path] = try Self.host(node)
    case .site(let path): configuration[keyPath: path] = try Self.site(node)
    case .apiKey(let path): configuration[keyPath: path] = APIKey(try Self.text(node))
    case .url(let path): configuration[keyPath: path] = try HTTPURL(Self.text(node))
    case .proxy(let path): configuration[keyPath: path] = try Self.proxy(node)
    case .domain(let path): configuration[keyPath: path] = try Self.domain(Self.text(node))
    case .list(let path, let separator): configuration[keyPath: path] = try Self.list(node, separator)
    case .set(let path, let separator): configuration[keyPath: path] = Set(try Self.list(node, separator))
    case .tags(let path, let separator): configuration[keyPath: path] = try Self.tags(node, separator)
    case .patterns(let path): configuration[keyPath: path] = try Self.patterns(node)
    case .tagPatterns(let path): configuration[keyPath: path] = try Self.tagPatterns(node)
    case .replaceRules(let path): configuration[keyPath: path] = try Self.replaceRules(node)
    case .spanRates(let path, let hasOperations):
      configuration[keyPath: path] = try Self.spanRates(node, hasOperations: hasOperations)
    case .endpoints(let path): configuration[keyPath: path] = try Self.endpoints(node)
    case .domainEndpoints(let path): configuration[keyPath: path] = try Self.endpoints(node, Self.domain)
    case .destinations(let path): configuration[keyPath: path] = try Self.destinations(node)
    case .tlsVersion(let path): configuration[keyPath: path] = try TLSVersion(reading: Self.text(node))
    case .compression(let path): configuration[keyPath: path] = try CompressionKind(reading: Self.text(node))
    case .durability(let path): configuration[keyPath: path] = try DurabilityKind(reading: Self.text(node))
    case .page(let path): configuration[keyPath: path] = try PageAddress.read(Self.text(node))
    case .otlpEndpoint(let path): configuration[keyPath: path] = try OTLPEndpoint.read(Self.text(node))
    case .renames(let path): configuration[keyPath: path] = try Self.renames(node)
    case .sqlMode(let path): configuration[keyPath: path] = try Self.sqlMode(node)
    case .logLevel(let path): configuration[keyPath: path] = try LogLevel(reading: Self.text(node))
    }
  }

  /// The text of a scalar without white space around it.
  private static func text(_ node: YAMLNode) throws(BadValue) -> String {
    guard case .scalar(let text, _) = node.content else { throw BadValue("a single value is expected here") }
    guard !text.unicodeScalars.contains("\0") else { throw BadValue("holds a NUL character") }
    return trimmed(text)
  }

  private static func trimmed(_ text: String) -> String {
    var rest = text[...]
    while let last = rest.last, last.isWhitespace { rest.removeLast() }
    return String(rest.drop { $0.isWhitespace })
  }

  private static func boolean(_ node: YAMLNode) throws(BadValue) -> Bool {
    let text = try text(node)
    let isPlain = if case .scalar(_, isPlain: true) = node.content { true } else { false }
    guard let value = ScalarText.boolean(text, isPlainYAML: isPlain) else {
      throw BadValue("\(QuotedText.quoted(text)) is not true or false")
    }
    return value
  }

  private static func sqlMode(_ node: YAMLNode) throws(BadValue) -> SQLOptions.Mode {
    let text = try text(node)
    guard let mode = SQLOptions.Mode(rawValue: text) else {
      let names = SQLOptions.Mode.allCases.map(\.rawValue).filter { !$0.isEmpty }.joined(separator: ", ")
      throw BadValue("\(QuotedText.quoted(text)) is none of \(names)")
    }
    return mode
  }

  private static func integer(_ node: YAMLNode, _ range: ClosedRange<Int>) throws(BadValue) -> Int {
    let text = try text(node)
    guard let value = ScalarText.integer(text) else {
      throw BadValue("\(QuotedText.quoted(text)) is not a whole number")
    }
    return try checked(value, range)
  }

  private static func bytes(_ node: YAMLNode, _ range: ClosedRange<Int>) throws(BadValue) -> Int {
    let text = try text(node)
    guard let value = ScalarText.bytes(text) else {
      throw BadValue("\(QuotedText.quoted(text)) is no number of bytes and no size such as 512MB or 2GiB")
    }
    return try checked(value, range)
  }

  private static func checked(_ value: Int, _ range: ClosedRange<Int>) throws(BadValue) -> Int {
    guard range.contains(value) else {
      throw BadValue("\(value) is out of range (\(rangeText(range.lowerBound, range.upperBound)))")
    }
    return value
  }

  private static func number(_ node: YAMLNode, _ range: ClosedRange<Double>) throws(BadValue) -> Double {
    let text = try text(node)
    guard let value = ScalarText.number(text) ?? ScalarText.integer(text).map(Double.init) else {
      throw BadValue("\(QuotedText.quoted(text)) is not a number")
    }
    guard range.contains(value) else {
      throw BadValue("\(numberText(value)) is out of range (\(rangeText(range.lowerBound, range.upperBound)))")
    }
    return value
  }

  /// Nil for a zero that stands for the default.
  private static func duration(_ node: YAMLNode, _ rule: DurationRule) throws(BadValue) -> Duration? {
    let text = try text(node)
    var value = rule.isFractional ? ScalarText.number(text) : ScalarText.integer(text).map(Double.init)
    if value == nil, rule.hasUnits { value = ScalarText.duration(text).map { $0 / rule.unitLength } }
    guard let value else {
      throw BadValue(
        "\(QuotedText.quoted(text)) is not a \(rule.isFractional ? "number" : "whole number") of \(rule.unit)")
    }
    if value == 0, !rule.range.contains(0) { return nil }
    guard rule.range.contains(value) else {
      throw BadValue(
        "\(numberText(value)) is out of range "
          + "(\(rangeText(rule.range.lowerBound, rule.range.upperBound)) \(rule.unit))")
    }
    return rule.unitLength * value
  }

  private static func host(_ node: YAMLNode) throws(BadValue) -> String {
    let text = try text(node)
    let bare = text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text
    guard bare.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") }) else {
      throw BadValue("\(QuotedText.quoted(text)) is not a host name or IP address")
    }
    return bare
  }

  private static func site(_ node: YAMLNode) throws(BadValue) -> String {
    let text = try text(node)
    let isDomain = text.utf8.allSatisfy {
      (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0)
        || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
    }
    if let meant = DatadogSite.meant(by: text) {
      throw BadValue("\(QuotedText.quoted(text)) is an address, not the site; write \(meant)")
    }
    guard isDomain, !text.hasPrefix("."), !text.hasSuffix(".") else {
      throw BadValue(
        "\(QuotedText.quoted(text)) is not a domain; write it without https:// and path, such as datadoghq.eu")
    }
    return text.lowercased()
  }

  /// A site is named by its domain; an address says how it is reached.
  static func domain(_ text: String) throws(BadValue) -> HTTPURL {
    let hasScheme = text.indices.contains { text[$0...].hasPrefix("://") }
    var url = try HTTPURL(hasScheme ? text : "https://\(text)")
    url.isDomain = !hasScheme
    return url
  }

  /// A proxy may be written without a scheme, as other programs allow in `HTTP_PROXY`.
  private static func proxy(_ node: YAMLNode) throws(BadValue) -> HTTPURL {
    let text = try text(node)
    let hasScheme = text.indices.contains { text[$0...].hasPrefix("://") }
    return try HTTPURL(hasScheme ? text : "http://\(text)")
  }
}
