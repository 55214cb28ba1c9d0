/// Names of Swift properties as documents write them: `isAPIKeyWellFormed` is `is_api_key_well_formed`.
enum SnakeCase {
  /// A word starts at a capital after a small letter or digit, and at the last capital of several before a small one.
  static func of(_ name: String) -> String {
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

/// A dictionary whose keys are data (names of variables, say), which documents keep as they are.
protocol KeyedByData {}

extension Dictionary: KeyedByData where Key == String {}

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
