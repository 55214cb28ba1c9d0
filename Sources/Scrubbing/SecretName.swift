import Text

/// Which names announce a secret.
enum SecretName {
  /// Anywhere in a name, whatever its case.
  private static let parts = [
    "key", "token", "secret", "passw", "passphrase", "passcode", "credential", "auth", "private", "bearer", "cookie",
    "pwd", "signature",
  ]
  /// As a whole word of a name; within others they mean nothing (`bypass`, `passenger`).
  private static let words: Set<String> = [
    "pass", "pw", "jwt", "dsn", "sid", "pin", "otp", "headers", "sig", "hmac", "salt",
  ]

  /// What a password is of when its name is one word: `dbpass`, `PGPASS`.
  private static let owners = [
    "db", "pg", "my", "sql", "mssql", "psql", "postgres", "maria", "mongo", "redis", "oracle", "rabbit", "amqp", "user",
    "usr", "root", "admin", "smtp", "imap", "mail", "ftp", "sftp", "ssh", "ldap", "http", "proxy", "keystore",
    "truststore", "store", "vault", "login", "app", "api", "dba", "jmx", "wifi",
  ]
  /// Headers whose values are several words: their pairs and parameters go on to the end of the line.
  private static let headers = ["cookie", "cookies", "cookie2", "authorization", "signature", "signature-input"]

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
    if isSpeltOut(name) { return true }
    if name.utf8.count > nameBytesMax { return false }
    return wordsOf(name).contains(where: isMisspelt)
      || SpellingDistance.nearest(to: name.uppercased(), of: known) != nil
  }

  /// Whether a name announces a secret as it stands.
  static func isSpeltOut(_ name: some StringProtocol) -> Bool {
    let lower = name.lowercased()
    let bytes = Array(lower.utf8)
    if parts.contains(where: { contains(bytes, Array($0.utf8)) }) { return true }
    let isWord = lower.split(whereSeparator: { !$0.isLetter && !$0.isNumber }).contains {
      words.contains(String($0)) || isOwnedPass($0)
    }
    if isWord { return true }
    // `fooPass`, whose words differ by their case alone.
    return bytes.count <= nameBytesMax && wordsOf(name).contains("pass")
  }

  /// Whether a header of this name has a value of several words.
  static func isHeader(_ name: some StringProtocol) -> Bool {
    let lower = name.lowercased()
    return headers.contains(where: lower.hasSuffix)
  }

  private static func isOwnedPass(_ word: Substring) -> Bool {
    word.hasSuffix("pass") && word.allSatisfy(\.isLetter) && !word.hasSuffix("bypass") && !word.hasSuffix("compass")
      && owners.contains(where: word.hasPrefix)
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
