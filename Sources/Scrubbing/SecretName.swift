import Spelling

/// Which names announce a secret.
enum SecretName {
  /// Anywhere in a name, whatever its case.
  private static let parts = [
    "key", "token", "secret", "passw", "passphrase", "passcode", "credential", "auth", "private", "bearer", "cookie",
    "pwd", "signature",
  ]
  /// As a whole word of a name; within others they mean nothing (`bypass`, `passenger`).
  private static let words: Set<String> = ["pass", "pw", "jwt", "dsn", "sid", "pin", "otp", "headers"]

  /// Variables that hold a secret and are written by hand: one whose name resembles them was probably meant to be it.
  private static let known = [
    "DD_API_KEY", "DD_APP_KEY", "DD_APPLICATION_KEY", "DATADOG_API_KEY", "DATADOG_APP_KEY",
    "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
  ]
  /// Words of names in which a slip of the hand is looked for.
  private static let spelled = [
    "key", "pwd", "pass", "auth", "token", "secret", "apikey", "passwd", "password", "passphrase", "credential",
    "authorization",
  ]
  /// Words of their own that look like a slip in one of `spelled`.
  private static let lookalikes: Set<String> = ["auto", "past", "paste", "taken", "toke", "secrete"]

  /// Whether a name announces a secret, also when it is misspelt: a secret is one under a wrong name as well.
  static func isSecret(_ name: some StringProtocol) -> Bool {
    let lower = name.lowercased()
    let bytes = Array(lower.utf8)
    if parts.contains(where: { contains(bytes, Array($0.utf8)) }) { return true }
    if lower.split(whereSeparator: { !$0.isLetter && !$0.isNumber }).contains(where: { words.contains(String($0)) }) {
      return true
    }
    if bytes.count > nameBytesMax { return false }
    return wordsOf(name).contains(where: isMisspelt)
      || SpellingDistance.nearest(to: name.uppercased(), of: known) != nil
  }

  /// Longer names are not compared letter by letter.
  private static let nameBytesMax = 100

  /// `DB_PASWORD` and `dbPasword` in small letters, without what separates their words.
  private static func wordsOf(_ name: some StringProtocol) -> [String] {
    var words = [""]
    var before: Character = "_"
    for character in name {
      if !character.isLetter || (character.isUppercase && before.isLowercase) { words.append("") }
      if character.isLetter { words[words.count - 1] += character.lowercased() }
      before = character
    }
    return words
  }

  /// A slip in a word of `spelled`, two in a long one. The first letter is nearly always right; in words of three
  /// letters another letter makes another word, so that only one too many, too few or out of order counts.
  private static func isMisspelt(_ word: String) -> Bool {
    let letters = Array(word.utf8)
    guard letters.count >= 2, !lookalikes.contains(word) else { return false }
    return spelled.contains { meant in
      let right = Array(meant.utf8)
      guard abs(letters.count - right.count) <= 2,
        letters[0] == right[0] || (letters[0] == right[1] && letters[1] == right[0]),
        let slips = SpellingDistance.between(word, meant)
      else { return false }
      if right.count == 3 { return slips <= 1 && (letters.count != 3 || letters.sorted() == right.sorted()) }
      return slips <= (right.count >= 8 ? 2 : 1)
    }
  }

  static func contains(_ bytes: [UInt8], _ needle: [UInt8]) -> Bool {
    guard needle.count <= bytes.count else { return false }
    return (0...(bytes.count - needle.count)).contains { bytes[$0...].starts(with: needle) }
  }
}
