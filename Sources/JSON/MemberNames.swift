/// A type some of whose members documents name otherwise than in snake case.
package protocol NamedMembers {
  /// The documents' names by those of the properties, the exceptions only: `["clientIssues": "misuse"]`.
  static var memberNames: [String: String] { get }
}

/// A dictionary whose keys are data (names of variables, say): documents keep them as they are, and sort by them.
protocol KeyedByData {}

extension Dictionary: KeyedByData where Key == String {}

/// How the members of one type are named.
struct MemberNaming {
  let keepsKeys: Bool
  private let exceptions: [String: String]

  init(_ type: Any.Type) {
    let type = (type as? any FlattenedMember.Type)?.contentType ?? type
    keepsKeys = type is any KeyedByData.Type
    exceptions = (type as? any NamedMembers.Type)?.memberNames ?? [:]
  }

  func name(of key: any CodingKey) -> String {
    let name = key.stringValue
    return keepsKeys ? name : exceptions[name] ?? SnakeCase.of(name)
  }
}

/// Names of Swift properties as documents write them: `isAPIKeyWellFormed` is `is_api_key_well_formed`.
enum SnakeCase {
  /// A word starts at a capital after a small letter or digit, and at the last capital of several before a small one.
  static func of(_ name: String) -> String {
    guard name.utf8.contains(where: isCapital) else { return name }
    let letters = Array(name.utf8)
    var text: [UInt8] = []
    for (position, letter) in letters.enumerated() {
      guard isCapital(letter) else {
        text.append(letter)
        continue
      }
      let isAfterCapital = position > 0 && isCapital(letters[position - 1])
      let isBeforeSmall = position + 1 < letters.count && isSmall(letters[position + 1])
      if position > 0, letters[position - 1] != UInt8(ascii: "_"), !isAfterCapital || isBeforeSmall {
        text.append(UInt8(ascii: "_"))
      }
      text.append(letter | 0x20)
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static func isCapital(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") }

  private static func isSmall(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") }
}

/// A key or position on the way into a document.
struct PathKey: CodingKey {
  let stringValue: String
  let intValue: Int?

  init(stringValue: String) {
    self.stringValue = stringValue
    intValue = nil
  }

  init(intValue: Int) {
    stringValue = String(intValue)
    self.intValue = intValue
  }
}
