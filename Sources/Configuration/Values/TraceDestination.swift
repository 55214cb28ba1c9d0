import Text

/// A receiver of OTLP over HTTP that gets the traces that are kept: a collector, Tempo, Jaeger and others.
package struct TraceDestination: Sendable, Equatable {
  /// Where traces are posted to, with its path.
  package let url: HTTPURL
  /// What every request carries. Their values are secrets.
  package let headers: [Header]
  /// What the receiver is able to decompress.
  package let compression: Compression

  /// A header of every request. Printing it shows its name only.
  package struct Header: Sendable, Equatable {
    /// Letters, digits, dashes and underscores.
    package let name: String
    /// Printable ASCII; often a token.
    package let value: String
  }

  /// A value of `Content-Encoding`, or none.
  package enum Compression: String, Sendable, CaseIterable {
    case gzip, zstd
    /// Bodies are sent as they are.
    case plain = "none"
  }

  /// In front of the scheme: other protocols may follow.
  package static let scheme = "otlp+"
  /// What is appended to an address without a path, as OpenTelemetry's exporters do.
  static let standardPath = "/v1/traces"
  /// Destinations at most: each has a queue and a spool of its own.
  static let countMax = 16
}

extension TraceDestination.Header: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The name, with a sign that there is a value.
  package var description: String { "\(name): …" }
  /// The same: a dump must not show more than a print.
  package var debugDescription: String { description }
  /// Without children, so that `dump` finds nothing.
  package var customMirror: Mirror { Mirror(self, children: []) }
}

extension TraceDestination: CustomStringConvertible {
  /// `otlp+http://tempo:4318/v1/traces (zstd; authorization: …)`: nothing secret is in it.
  package var description: String {
    let details = (compression == .gzip ? [] : [compression.rawValue]) + headers.map(\.description)
    return "\(Self.scheme)\(url)" + (details.isEmpty ? "" : " (\(details.joined(separator: "; ")))")
  }
}

extension OptionSlot {
  /// A list of addresses, or of mappings with one; in a text as JSON, or addresses separated by commas.
  static func destinations(_ node: YAMLNode) throws(BadValue) -> [TraceDestination] {
    var list = node
    var isInText = false
    if case .scalar(let quoted, _) = node.content {
      let text = String(ListText.withoutQuotes(quoted[...]))
      isInText = true
      if let first = text.first(where: { !$0.isWhitespace }), "[{".contains(first) {
        guard let document = try? YAMLDocument(Array(text.utf8)), let root = document.root else {
          throw BadValue("is not the JSON of a list of addresses")
        }
        list = root
      } else {
        let entries = ListText.entries(of: text, at: .both).map {
          YAMLNode(.scalar($0, isPlain: false), line: node.line)
        }
        list = YAMLNode(.sequence(entries), line: node.line)
      }
    }
    // One may stand without a list.
    if case .mapping = list.content { list = YAMLNode(.sequence([list]), line: list.line) }
    guard case .sequence(let nodes) = list.content else { throw BadValue("a list of addresses is expected") }
    guard nodes.count <= TraceDestination.countMax else {
      throw BadValue("\(nodes.count) destinations are more than the \(TraceDestination.countMax) that there may be")
    }
    return try destinations(nodes.filter { !$0.isNull }, isInText: isInText)
  }

  private static func destinations(_ nodes: [YAMLNode], isInText: Bool) throws(BadValue) -> [TraceDestination] {
    var destinations: [TraceDestination] = []
    var faults: [BadValue] = []
    for (index, node) in nodes.enumerated() {
      do throws(BadValue) {
        let destination = try destination(node)
        guard !destinations.contains(destination) else { throw BadValue("is the same as another one") }
        destinations.append(destination)
      } catch {
        faults.append(BadValue("entry \(index + 1): \(error.message)", line: isInText ? nil : node.line))
      }
    }
    if let fault = BadValue(faults) { throw fault }
    return destinations
  }

  private static func destination(_ node: YAMLNode) throws(BadValue) -> TraceDestination {
    guard case .mapping(let entries) = node.content else {
      return TraceDestination(url: try otlpURL(node), headers: [], compression: .gzip)
    }
    var url: HTTPURL?
    var headers: [TraceDestination.Header] = []
    var compression = TraceDestination.Compression.gzip
    for entry in entries {
      switch entry.name {
      case "url": url = try otlpURL(entry.value)
      case "headers": headers = try self.headers(entry.value)
      case "compression": compression = try self.compression(entry.value)
      default:
        let hint = SpellingDistance.nearest(to: entry.name, of: ["url", "headers", "compression"])
        throw BadValue(
          "unknown key \(QuotedText.quoted(entry.name))" + (hint.map { "; did you mean \($0)?" } ?? ""))
      }
    }
    guard let url else { throw BadValue("has no url") }
    return TraceDestination(url: url, headers: headers, compression: compression)
  }

  private static func single(_ node: YAMLNode, _ what: String) throws(BadValue) -> String {
    guard case .scalar(let text, _) = node.content else { throw BadValue("\(what) is expected to be a single value") }
    return String(ListText.trimmed(text[...]))
  }

  /// The text is not repeated, as it may hold a password.
  private static func otlpURL(_ node: YAMLNode) throws(BadValue) -> HTTPURL {
    let text = try single(node, "url")
    let scheme = TraceDestination.scheme
    guard text.lowercased().hasPrefix("\(scheme)http://") || text.lowercased().hasPrefix("\(scheme)https://") else {
      throw BadValue("not an address of a destination: it must start with \(scheme)http:// or \(scheme)https://")
    }
    let url = try HTTPURL(String(text.dropFirst(scheme.count)))
    return url.hasPath ? url : try HTTPURL(url.text + TraceDestination.standardPath)
  }

  private static func headers(_ node: YAMLNode) throws(BadValue) -> [TraceDestination.Header] {
    guard case .mapping(let entries) = node.content else {
      throw BadValue("headers are expected to be a mapping of names to values")
    }
    var headers: [TraceDestination.Header] = []
    for entry in entries {
      let value = try single(entry.value, "the value of a header")
      let isName = !entry.name.isEmpty && entry.name.utf8.allSatisfy { isNameByte($0) }
      guard isName else { throw BadValue("\(QuotedText.quoted(entry.name)) is not the name of a header") }
      guard !value.isEmpty, value.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
        throw BadValue("the value of the header \(entry.name) is empty, or holds a character that no header has")
      }
      // Names are in lower case, and of two that are the same the last one is here.
      guard !ownHeaders.contains(entry.name) else { throw BadValue("the header \(entry.name) is roost's own") }
      headers.append(TraceDestination.Header(name: entry.name, value: value))
    }
    return headers
  }

  /// What roost says of each request and its body.
  private static let ownHeaders = [
    "connection", "content-encoding", "content-length", "content-type", "expect", "host", "transfer-encoding",
  ]

  private static func isNameByte(_ byte: UInt8) -> Bool {
    (0x61...0x7a).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-")
      || byte == UInt8(ascii: "_")
  }

  private static func compression(_ node: YAMLNode) throws(BadValue) -> TraceDestination.Compression {
    let text = try single(node, "compression")
    guard let kind = TraceDestination.Compression(rawValue: text.lowercased()) else {
      let names = TraceDestination.Compression.allCases.map(\.rawValue).joined(separator: ", ")
      throw BadValue("\(QuotedText.quoted(text)) is none of \(names)")
    }
    return kind
  }
}
