/// A header of a request that goes out. Prints its name only, as the value may be a key.
package struct HTTPHeader: Sendable, Equatable {
  package let name: String
  package let value: String

  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }

  /// Whether it can stand in a request as it is: a name of letters, digits and dashes, and a value that is not empty, of
  /// printable ASCII and spaces. A line break in either would begin a header of its own.
  var isValid: Bool { Self.isName(name) && !value.isEmpty && value.utf8.allSatisfy { Self.isValueByte($0) } }

  /// Whether a text is a name that is sent: letters, digits, dashes and underscores. HTTP allows some more characters,
  /// which no header has that matters here.
  package static func isName(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy { isNameByte($0) } }

  /// Names of headers have no case.
  package func isNamed(_ other: String) -> Bool { name.lowercased() == other.lowercased() }

  var printableName: String { Self.kept(name, Self.isNameByte) }

  /// The line of the request; `nil` when nothing would be left of the value, or the name is none. What may not stand in a
  /// value is left out: some are made of what tracers say of themselves. A name is never repaired, because it would become
  /// that of another header.
  var line: String? {
    let value = Self.kept(value, Self.isValueByte)
    return value.isEmpty || !Self.isName(name) ? nil : "\(name): \(value)"
  }

  private static func kept(_ text: String, _ isKept: (UInt8) -> Bool) -> String {
    String(decoding: text.utf8.filter(isKept), as: UTF8.self)
  }

  private static func isValueByte(_ byte: UInt8) -> Bool { (0x20...0x7e).contains(byte) }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}

extension HTTPHeader: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "\(printableName): …" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}
