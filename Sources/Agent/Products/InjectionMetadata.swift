import JSON
import Scrubbing

/// Reports of an injector, without the secrets of the program that they are about.
enum InjectionMetadata {
  /// What stands where a secret was, as in Datadog's trace-agent.
  static let mark = "********"

  /// The members in which a program's secrets may be; all others stay byte by byte.
  private static let members: Set = ["command_line", "metadata"]

  /// The same document with secrets removed from texts within these members, wherever they are. What is no JSON stays.
  static func scrubbed(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var copied = 0
    for (name, text) in JSONTexts(bytes, within: members) {
      guard let value = try? JSONValue.parse(Array(bytes[text])).string else { continue }
      let clean = Scrubber.value(value, of: name)
      guard clean != value else { continue }
      result += bytes[copied..<text.lowerBound]
      result += JSONValue.string(clean.replacing(Scrubber.mark, with: mark)).text.utf8
      copied = text.upperBound
    }
    return copied == 0 ? bytes : result + bytes[copied...]
  }
}

/// The places of texts in a JSON document that are values within members of certain names. Reads brackets and quotes
/// only: of a document that is none it finds what looks like texts.
struct JSONTexts: Sequence, IteratorProtocol {
  private let bytes: [UInt8]
  private let names: Set<String>
  private var offset = 0
  private var depth = 0
  /// Of the outermost member of such a name that the place is within; `nil` outside.
  private var memberDepth: Int?
  /// Of the member that was begun last.
  private var name = ""

  init(_ bytes: [UInt8], within names: Set<String>) {
    self.bytes = bytes
    self.names = names
  }

  /// The next text with its quotes, and the name of its member.
  mutating func next() -> (name: String, text: Range<Int>)? {
    while offset < bytes.count {
      switch bytes[offset] {
      case UInt8(ascii: "\""):
        let text = readText()
        if isName(before: offset) {
          name = String(decoding: bytes[text].dropFirst().dropLast(), as: UTF8.self)
        } else if memberDepth != nil {
          return (name, text)
        }
        continue
      case UInt8(ascii: ":"):
        if memberDepth == nil, names.contains(name) { memberDepth = depth }
      case UInt8(ascii: ","): leave(depth)
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        leave(depth)
        depth -= 1
      default: break
      }
      offset += 1
    }
    return nil
  }

  /// A member ends with what is as deep as its name.
  private mutating func leave(_ depth: Int) {
    if let memberDepth, depth <= memberDepth { self.memberDepth = nil }
  }

  private mutating func readText() -> Range<Int> {
    let start = offset
    offset += 1
    while offset < bytes.count, bytes[offset] != UInt8(ascii: "\"") {
      offset += bytes[offset] == UInt8(ascii: "\\") ? 2 : 1
    }
    offset = Swift.min(offset + 1, bytes.count)
    return start..<offset
  }

  private func isName(before position: Int) -> Bool {
    bytes[position...].first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D } == UInt8(ascii: ":")
  }
}
