import MessagePack

/// Writes a payload of v0.4 as the JSON that says the same, in the forms that clients choose: ids as numbers or texts,
/// names in either case, escapes where there need be none, blanks between values.
package struct JSONTwin {
  private var bytes: [UInt8] = []
  private var random: SeededGenerator

  /// - Parameter seed: of the choices of form.
  package static func bytes(_ payload: MessagePackValue, seed: UInt64) -> [UInt8] {
    bytes(payload, as: .traces, seed)
  }

  /// One array of spans, as v0.1 has them.
  package static func bytes(spans: [MessagePackValue], seed: UInt64) -> [UInt8] {
    bytes(.array(spans), as: .spans, seed)
  }

  private static func bytes(_ value: MessagePackValue, as place: Place, _ seed: UInt64) -> [UInt8] {
    var twin = JSONTwin(random: SeededGenerator(seed: seed))
    twin.write(value, as: place)
    return twin.bytes
  }

  private init(random: SeededGenerator) { self.random = random }

  /// What a value is for, which decides how JSON writes it, and what the values in it are for.
  private enum Place {
    case traces, spans, span, id, binaries, binary, attributes, links, link, events, event, typedAttributes
    case anyValue, arrayValue, anyValues, other

    var elements: Place {
      switch self {
      case .traces: .spans
      case .spans: .span
      case .links: .link
      case .events: .event
      case .anyValues: .anyValue
      default: .other
      }
    }

    /// Whether names of members are of the format, and may be in either case; else they are the client's.
    var hasFields: Bool {
      switch self {
      case .span, .link, .event, .anyValue, .arrayValue: true
      default: false
      }
    }

    func member(_ name: String) -> Place {
      switch (self, name) {
      case (.span, "trace_id"), (.span, "span_id"), (.span, "parent_id"): .id
      case (.link, "trace_id"), (.link, "trace_id_high"), (.link, "span_id"), (.event, "time_unix_nano"): .id
      case (.span, "meta_struct"): .binaries
      case (.span, "meta"), (.span, "metrics"), (.link, "attributes"): .attributes
      case (.span, "span_links"): .links
      case (.span, "span_events"): .events
      case (.event, "attributes"): .typedAttributes
      case (.anyValue, "array_value"): .arrayValue
      case (.arrayValue, "values"): .anyValues
      case (.binaries, _): .binary
      case (.typedAttributes, _): .anyValue
      default: .other
      }
    }
  }

  private mutating func write(_ value: MessagePackValue, as place: Place) {
    blank()
    switch value {
    case .null, .ext: add("null")
    case .bool(let value): add(value ? "true" : "false")
    case .int(let value): write(number: "\(value)", as: place)
    case .uint(let value): write(number: "\(value)", as: place)
    case .double(let value): add("\(value)")
    case .string(let text), .binary(let text):
      if place == .binary { add("\"\(Base64.text(of: text))\"") } else { write(text: text) }
    case .array(let elements): write(elements, as: place.elements)
    case .map(let entries): write(entries, as: place)
    }
    blank()
  }

  private mutating func write(number: String, as place: Place) {
    add(place == .id && random.once(in: 2) ? "\"\(number)\"" : number)
  }

  private mutating func write(_ elements: [MessagePackValue], as place: Place) {
    add("[")
    for (index, element) in elements.enumerated() {
      if index > 0 { add(",") }
      write(element, as: place)
    }
    add("]")
  }

  private mutating func write(_ entries: [(key: MessagePackValue, value: MessagePackValue)], as place: Place) {
    add("{")
    var isFirst = true
    for entry in entries {
      let name = entry.key.wireKey
      // MessagePack does not know such a name, JSON may.
      if place.hasFields, name.contains(where: \.isUpper) { continue }
      if !isFirst { add(",") }
      isFirst = false
      blank()
      let isUpper = place.hasFields && name.allSatisfy { $0 < 0x80 } && random.once(in: 8)
      write(text: isUpper ? Array(String(decoding: name, as: UTF8.self).uppercased().utf8) : name)
      blank()
      add(":")
      write(entry.value, as: place.member(String(decoding: name, as: UTF8.self)))
    }
    add("}")
  }

  private mutating func write(text: [UInt8]) {
    add("\"")
    for byte in text {
      if byte < 0x20 || byte == 0x22 || byte == 0x5C || (byte < 0x80 && random.once(in: 12)) {
        let digits = String(byte, radix: 16, uppercase: random.once(in: 2))
        add("\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)")
      } else {
        bytes.append(byte)
      }
    }
    add("\"")
  }

  private mutating func blank() {
    if random.once(in: 10) { add(random.pick([" ", "\n", "\t", "\r\n"])) }
  }

  private mutating func add(_ text: String) { bytes += Array(text.utf8) }
}

/// Bytes as text of 64 characters (RFC 4648, section 4).
package enum Base64 {
  private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")

  /// With padding.
  package static func text(of bytes: [UInt8]) -> String {
    var text = ""
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let part = Array(bytes[start..<min(start + 3, bytes.count)])
      let bits = part.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - part.count))
      for digit in 0..<4 { text.append(digit <= part.count ? digits[bits >> (18 - 6 * digit) & 63] : "=") }
    }
    return text
  }
}

extension UInt8 {
  fileprivate var isUpper: Bool { (0x41...0x5A).contains(self) }
}

extension MessagePackValue {
  /// The bytes of a key; nil is none.
  fileprivate var wireKey: [UInt8] {
    switch self {
    case .string(let text), .binary(let text): text
    default: []
    }
  }

  /// The value with 0 in place of each number that JSON cannot say.
  package var finite: MessagePackValue {
    switch self {
    case .double(let value): .double(value.isFinite ? value : 0)
    case .array(let elements): .array(elements.map(\.finite))
    case .map(let entries): .map(entries.map { (key: $0.key, value: $0.value.finite) })
    default: self
    }
  }
}
