import Obfuscation
import Patterns

/// A writable field of the configuration.
package typealias SettingPath<Value> = WritableKeyPath<AgentConfiguration, Value> & Sendable

/// The type of an option: how its text is read, what it may be, and the field that it fills.
package enum OptionSlot: Sendable {
  /// What a whole number counts.
  package enum Unit: String, Sendable {
    case plain = ""
    case bytes
  }

  /// How the text of a list in a variable is taken apart. In the file a list is a YAML list; a single text is read like
  /// a variable. A text that starts with `[` is always a JSON list.
  package enum Separator: Sendable {
    /// At white space, and at commas when there is no white space.
    case spaces
    /// At commas, and at white space when there is no comma.
    case commas
    /// At commas and at white space.
    case either
    /// At commas outside of brackets.
    case patternsAtCommas
    /// At white space, and at commas outside of brackets when there is no white space.
    case patternsAtSpaces

    /// Whether brackets and backslashes of regular expressions are looked at.
    var isOfPatterns: Bool {
      switch self {
      case .patternsAtCommas, .patternsAtSpaces: true
      case .spaces, .commas, .either: false
      }
    }
  }

  /// How the number of a duration is meant.
  package struct DurationRule: Sendable {
    /// What a plain number counts: `minutes`, `seconds` or `milliseconds`.
    let unit: String
    /// How long one `unit` is.
    let unitLength: Duration
    /// Whether Go's durations are read, too: `5m`, `1h30m`.
    var hasUnits = false
    /// Whether parts of a unit can be given.
    let isFractional: Bool
    /// In units. A zero outside the range stands for the default.
    let range: ClosedRange<Double>

    /// A number of whole seconds within `range`.
    static func seconds(_ range: ClosedRange<Double>) -> DurationRule {
      DurationRule(unit: "seconds", unitLength: .seconds(1), isFractional: false, range: range)
    }
    /// A number of whole minutes within `range`.
    static func minutes(_ range: ClosedRange<Double>) -> DurationRule {
      DurationRule(unit: "minutes", unitLength: .seconds(60), isFractional: false, range: range)
    }
    /// Seconds within `range`, also with a fraction.
    static func fractionalSeconds(_ range: ClosedRange<Double>) -> DurationRule {
      DurationRule(unit: "seconds", unitLength: .seconds(1), isFractional: true, range: range)
    }
    /// Seconds within `range`, or a duration with units.
    static func secondsOrUnits(_ range: ClosedRange<Double>) -> DurationRule {
      DurationRule(unit: "seconds", unitLength: .seconds(1), hasUnits: true, isFractional: false, range: range)
    }
    /// A number of whole milliseconds within `range`.
    static func milliseconds(_ range: ClosedRange<Double>) -> DurationRule {
      DurationRule(unit: "milliseconds", unitLength: .milliseconds(1), isFractional: false, range: range)
    }
  }

  /// Go's ParseBool, and YAML's yes, no, on and off where they stand plain in the file.
  case boolean(SettingPath<Bool>)
  /// The same where not set differs from false.
  case optionalBoolean(SettingPath<Bool?>)
  /// A whole number within a range.
  case integer(SettingPath<Int>, ClosedRange<Int>, Unit = .plain)
  /// The same where not set is a meaning of its own.
  case optionalInteger(SettingPath<Int?>, ClosedRange<Int>)
  /// A finite number within a range.
  case number(SettingPath<Double>, ClosedRange<Double>)
  /// A number of a unit of time.
  case duration(SettingPath<Duration>, DurationRule)
  /// Any text, white space around it stripped.
  case text(SettingPath<String>)
  /// The same where not set is a meaning of its own.
  case optionalText(SettingPath<String?>)
  /// A host name or IP address; the brackets of an IPv6 address are stripped.
  case host(SettingPath<String?>)
  /// A bare domain, put in lower case.
  case site(SettingPath<String>)
  /// A secret, shown by its last four characters.
  case apiKey(SettingPath<APIKey?>)
  /// An address, shown without its password.
  case url(SettingPath<HTTPURL?>)
  /// The same; `http://` is put in front of one without a scheme.
  case proxy(SettingPath<HTTPURL?>)
  /// The domain of a site, or an address, shown without its password; `https://` is put in front of a domain.
  case domain(SettingPath<HTTPURL?>)
  /// Further intakes with their keys.
  case endpoints(SettingPath<[IntakeEndpoint]>)
  /// The same with domains or addresses.
  case domainEndpoints(SettingPath<[IntakeEndpoint]>)
  /// Receivers of OTLP with their headers, whose values are secrets.
  case destinations(SettingPath<[TraceDestination]>)
  /// The name of a version of TLS.
  case tlsVersion(SettingPath<TLSVersion>)
  /// Texts in the order given, parted by the separator.
  case list(SettingPath<[String]>, Separator)
  /// Texts without order and repetition.
  case set(SettingPath<Set<String>>, Separator)
  /// Tags in the order given, `key:value` or `key`; one without a key is an error.
  case tags(SettingPath<[String]>, Separator)
  /// Regular expressions in the order given.
  case patterns(SettingPath<[Pattern]>)
  /// Tags with regular expressions of their values, in the order given.
  case tagPatterns(SettingPath<[TagPattern]>)
  /// Rules that replace what a regular expression matches.
  case replaceRules(SettingPath<[ReplaceRule]>)
  /// Rates by service, and by operation where that is wanted.
  case spanRates(SettingPath<[NamedRate]>, hasOperations: Bool)
  /// The name of a compression.
  case compression(SettingPath<CompressionKind>)
  /// The name of a durability.
  case durability(SettingPath<DurabilityKind>)
  /// Where the page listens: true, false, a port, or a host and a port.
  case page(SettingPath<PageAddress?>)
  /// A host and a port to listen at; the host may be left out.
  case otlpEndpoint(SettingPath<OTLPEndpoint?>)
  /// Names of operations and what takes their places.
  case renames(SettingPath<[OperationRename]>)
  /// The name of a way to rewrite SQL; nothing for the usual one.
  case sqlMode(SettingPath<SQLOptions.Mode>)
  /// The name of a level.
  case logLevel(SettingPath<LogLevel>)
}

extension OptionSlot {
  /// The type in words, with unit and range, for documentation.
  package var typeText: String {
    switch self {
    case .boolean, .optionalBoolean: "true or false"
    case .integer(_, let range, .plain): "whole number, \(Self.rangeText(range.lowerBound, range.upperBound))"
    case .integer(_, let range, .bytes):
      "number of bytes, or with a unit (512MB, 2GiB), \(Self.rangeText(range.lowerBound, range.upperBound))"
    case .optionalInteger(_, let range): "whole number, \(Self.rangeText(range.lowerBound, range.upperBound))"
    case .number(_, let range): "number, \(Self.rangeText(range.lowerBound, range.upperBound))"
    case .duration(_, let rule):
      "\(rule.isFractional ? "number" : "whole number") of \(rule.unit)\(rule.hasUnits ? ", or with units (5m)" : ""), "
        + Self.rangeText(rule.range.lowerBound, rule.range.upperBound)
    case .text, .optionalText: "text"
    case .host: "host name or IP address"
    case .site: "domain"
    case .apiKey: "text"
    case .url: "http:// or https:// address"
    case .proxy: "http:// or https:// address"
    case .domain: "domain, or http:// or https:// address"
    case .endpoints: "mapping of addresses to lists of keys (in a variable: JSON)"
    case .domainEndpoints: "mapping of domains to lists of keys (in a variable: JSON)"
    case .destinations: "list of addresses, or of mappings with url, headers and compression (in a variable: JSON)"
    case .tlsVersion: "one of " + TLSVersion.allCases.map(\.rawValue).joined(separator: ", ")
    case .patterns:
      "list of regular expressions (in a variable: \(Separator.patternsAtCommas.words))"
    case .tagPatterns:
      "list of tags with regular expressions (in a variable: \(Separator.patternsAtSpaces.words))"
    case .replaceRules: "list of rules (in a variable: JSON)"
    case .spanRates(_, true): "mapping of `service|operation` to a rate (in a variable: `web|http.request=0.5,…`)"
    case .spanRates(_, false): "mapping of a service to a rate (in a variable: `web=0.5,…`)"
    case .list(_, let separator), .set(_, let separator), .tags(_, let separator):
      "list (in a variable: \(separator.words))"
    case .compression: CompressionKind.allCases.map(\.rawValue).joined(separator: " or ")
    case .durability: DurabilityKind.allCases.map(\.rawValue).joined(separator: " or ")
    case .page: "true, false, a port or HOST:PORT"
    case .otlpEndpoint: "HOST:PORT"
    case .renames: "mapping of a name to a name (in a variable: `from=to,…`)"
    case .sqlMode: "one of " + SQLOptions.Mode.allCases.map(\.rawValue).filter { !$0.isEmpty }.joined(separator: ", ")
    case .logLevel: LogLevel.allCases.map(\.rawValue).joined(separator: ", ")
    }
  }

  /// The value of a configuration as a person reads it; secrets and passwords hidden, `none` for nothing.
  package func text(in configuration: AgentConfiguration) -> String {
    switch self {
    case .boolean(let path): "\(configuration[keyPath: path])"
    case .optionalBoolean(let path): configuration[keyPath: path].map { "\($0)" } ?? "none"
    case .integer(let path, _, _): "\(configuration[keyPath: path])"
    case .optionalInteger(let path, _): configuration[keyPath: path].map { "\($0)" } ?? "none"
    case .number(let path, _): Self.numberText(configuration[keyPath: path])
    case .duration(let path, let rule): Self.numberText(configuration[keyPath: path] / rule.unitLength)
    case .text(let path), .site(let path): QuotedText.escaped(configuration[keyPath: path])
    case .optionalText(let path), .host(let path): configuration[keyPath: path].map(QuotedText.escaped) ?? "none"
    case .apiKey(let path): configuration[keyPath: path].map(\.description) ?? "none"
    case .url(let path), .proxy(let path), .domain(let path): configuration[keyPath: path].map(\.description) ?? "none"
    case .endpoints(let path), .domainEndpoints(let path):
      Self.listText(configuration[keyPath: path].map(\.description))
    case .destinations(let path): Self.listText(configuration[keyPath: path].map(\.description))
    case .tlsVersion(let path): configuration[keyPath: path].rawValue
    case .patterns(let path): Self.listText(configuration[keyPath: path].map(\.text))
    case .tagPatterns(let path): Self.listText(configuration[keyPath: path].map(\.text))
    case .replaceRules(let path):
      Self.listText(configuration[keyPath: path].map { "\($0.name): \($0.pattern.text) → \($0.replacement.text)" })
    case .spanRates(let path, _): Self.listText(configuration[keyPath: path].map(\.text))
    case .list(let path, _), .tags(let path, _): Self.listText(configuration[keyPath: path])
    case .set(let path, _): Self.listText(configuration[keyPath: path].sorted())
    case .compression(let path): configuration[keyPath: path].rawValue
    case .durability(let path): configuration[keyPath: path].rawValue
    case .page(let path): configuration[keyPath: path]?.description ?? "false"
    case .otlpEndpoint(let path): configuration[keyPath: path]?.description ?? "none"
    case .renames(let path): Self.listText(configuration[keyPath: path].map(\.text))
    case .sqlMode(let path): configuration[keyPath: path] == .classic ? "none" : configuration[keyPath: path].rawValue
    case .logLevel(let path): configuration[keyPath: path].rawValue
    }
  }

  /// Takes the value of another configuration over.
  package func copy(from other: AgentConfiguration, into configuration: inout AgentConfiguration) {
    func copy<Value>(_ path: SettingPath<Value>) { configuration[keyPath: path] = other[keyPath: path] }
    switch self {
    case .boolean(let path): copy(path)
    case .optionalBoolean(let path): copy(path)
    case .integer(let path, _, _): copy(path)
    case .optionalInteger(let path, _): copy(path)
    case .number(let path, _): copy(path)
    case .duration(let path, _): copy(path)
    case .text(let path), .site(let path): copy(path)
    case .optionalText(let path), .host(let path): copy(path)
    case .apiKey(let path): copy(path)
    case .url(let path), .proxy(let path), .domain(let path): copy(path)
    case .endpoints(let path), .domainEndpoints(let path): copy(path)
    case .destinations(let path): copy(path)
    case .tlsVersion(let path): copy(path)
    case .patterns(let path): copy(path)
    case .tagPatterns(let path): copy(path)
    case .replaceRules(let path): copy(path)
    case .spanRates(let path, _): copy(path)
    case .list(let path, _), .tags(let path, _): copy(path)
    case .set(let path, _): copy(path)
    case .compression(let path): copy(path)
    case .durability(let path): copy(path)
    case .page(let path): copy(path)
    case .otlpEndpoint(let path): copy(path)
    case .renames(let path): copy(path)
    case .sqlMode(let path): copy(path)
    case .logLevel(let path): copy(path)
    }
  }

  /// Whether two configurations have the same secret, whose `text` is a part of it only; true of other options.
  package func isSameSecret(in one: AgentConfiguration, _ other: AgentConfiguration) -> Bool {
    switch self {
    case .apiKey(let path): one[keyPath: path] == other[keyPath: path]
    case .url(let path), .proxy(let path), .domain(let path): one[keyPath: path] == other[keyPath: path]
    case .endpoints(let path), .domainEndpoints(let path): one[keyPath: path] == other[keyPath: path]
    case .destinations(let path): one[keyPath: path] == other[keyPath: path]
    default: true
    }
  }

  /// Its value as it may be shown.
  /// - Parameter isSecret: a part of it is kept elsewhere: then no more is shown than of any secret.
  package func shownText(in configuration: AgentConfiguration, isSecret: Bool) -> String {
    switch self {
    // Their texts leave out what is secret.
    case .apiKey, .url, .proxy, .domain, .endpoints, .domainEndpoints, .destinations: text(in: configuration)
    default: isSecret ? "a secret" : text(in: configuration)
    }
  }

  /// Ends of a range in words; the largest values stand for no upper end.
  static func rangeText(_ low: Double, _ high: Double) -> String {
    high >= Double.greatestFiniteMagnitude
      ? "\(numberText(low)) or more" : "\(numberText(low)) to \(numberText(high))"
  }

  static func rangeText(_ low: Int, _ high: Int) -> String {
    high == .max ? "\(low) or more" : "\(low) to \(high)"
  }

  /// Without the `.0` of a whole number.
  static func numberText(_ value: Double) -> String {
    Int(exactly: value).map { "\($0)" } ?? "\(value)"
  }

  private static func listText(_ values: [String]) -> String {
    values.isEmpty ? "none" : values.map(QuotedText.escaped).joined(separator: ", ")
  }
}

extension OptionSlot.Separator {
  /// The kind of value in words, as the documentation's table shows it.
  var words: String {
    switch self {
    case .spaces: "separated by spaces, or by commas alone"
    case .commas: "separated by commas"
    case .either: "separated by commas or spaces"
    case .patternsAtCommas: "separated by commas outside of brackets"
    case .patternsAtSpaces: "separated by spaces, or by commas outside of brackets alone"
    }
  }
}
