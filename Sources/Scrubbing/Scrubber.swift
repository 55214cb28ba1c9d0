/// The one place that removes secrets: from values of variables, command lines, addresses and log lines.
///
/// Whatever might be a secret goes, so harmless text may go with it; what is left is safe to store and show. Runs in
/// time linear in the text's length.
package enum Scrubber {
  /// What stands where a secret was.
  package static let mark = "…"
  /// Shorter runs of hexadecimal digits are ids; Datadog's API keys have 32 digits and its application keys 40.
  static let hexKeyDigits = 32

  /// Text of any kind without user names and passwords of addresses, values named like secrets, and tokens.
  package static func scrub(_ text: String) -> String {
    var bytes = Array(text.utf8)
    bytes = SecretUserInfo.removed(from: bytes)
    bytes = SecretAssignments.removed(from: bytes)
    bytes = SecretShapes.removed(from: bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The value of a variable or option: nothing of it when its name is a secret's. An empty value stays empty.
  package static func value(_ value: String, of name: String) -> String {
    if value.isEmpty { return "" }
    return SecretName.isSecret(name) ? mark : scrub(value)
  }

  /// The arguments of a command line, the first being the program.
  package static func commandLine(_ arguments: [String]) -> [String] {
    var isValueOfSecret = false
    return arguments.enumerated().map { position, argument in
      defer { isValueOfSecret = position > 0 && SecretOption.takesSecret(argument) }
      if isValueOfSecret, !argument.isEmpty, SecretOption.mayBeSecret(argument, after: arguments[position - 1]) {
        return mark
      }
      return position > 0 ? SecretOption.scrubbed(argument) : scrub(argument)
    }
  }
}

/// Which names announce a secret.
enum SecretName {
  /// Anywhere in a name, whatever its case.
  private static let parts = [
    "key", "token", "secret", "passw", "passphrase", "passcode", "credential", "auth", "private", "bearer", "cookie",
    "pwd", "signature",
  ]
  /// As a whole word of a name; within others they mean nothing (`bypass`, `passenger`).
  private static let words: Set<String> = ["pass", "pw", "jwt", "dsn", "sid", "pin", "otp", "headers"]

  static func isSecret(_ name: some StringProtocol) -> Bool {
    let lower = name.lowercased()
    let bytes = Array(lower.utf8)
    if parts.contains(where: { contains(bytes, Array($0.utf8)) }) { return true }
    return lower.split { !$0.isLetter && !$0.isNumber }.contains { words.contains(String($0)) }
  }

  static func contains(_ bytes: [UInt8], _ needle: [UInt8]) -> Bool {
    guard needle.count <= bytes.count else { return false }
    return (0...(bytes.count - needle.count)).contains { bytes[$0...].starts(with: needle) }
  }
}

/// Options of command lines that carry secrets by themselves or in the argument behind them.
enum SecretOption {
  /// Short options behind which programs take a password, a user with password, or a header.
  private static let short: Set<String> = ["-p", "-a", "-u", "-H", "-U"]
  private static let long: Set<String> = ["--user", "--header", "--proxy-user", "--pass", "--data", "--env"]

  static func takesSecret(_ argument: String) -> Bool {
    if short.contains(argument) || long.contains(argument) { return true }
    return argument.hasPrefix("-") && !argument.contains("=") && SecretName.isSecret(argument.drop { $0 == "-" })
  }

  /// Numbers (ports) and further options behind ambiguous short options are no secrets.
  static func mayBeSecret(_ argument: String, after option: String) -> Bool {
    guard short.contains(option) else { return true }
    return !argument.utf8.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") } && !argument.hasPrefix("-")
  }

  static func scrubbed(_ argument: String) -> String {
    // `-Dname=value`, `--name=value`, `NAME=value`: the value goes to its end, spaces included.
    if let equals = argument.firstIndex(of: "="), SecretName.isSecret(argument[..<equals]),
      argument[..<equals].utf8.allSatisfy({ SecretAssignments.isNamePart($0) || $0 == UInt8(ascii: ":") })
    {
      return argument[...equals] + (argument.index(after: equals) < argument.endIndex ? Scrubber.mark : "")
    }
    return Scrubber.scrub(argument)
  }
}
