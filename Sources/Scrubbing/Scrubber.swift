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
    bytes = SecretBlocks.removed(from: bytes)
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
  ///
  /// A process that changes its title has all of its words in the first argument, and a shell takes a command line as
  /// one argument behind `-c`; both are read word by word.
  package static func commandLine(_ arguments: [String]) -> [String] {
    var isValueOfSecret = false
    var isPasswordGlued = false
    return arguments.enumerated().map { position, argument in
      let before = position > 0 ? arguments[position - 1] : ""
      defer {
        isValueOfSecret = position > 0 && SecretOption.takesSecret(argument)
        isPasswordGlued = isPasswordGlued || SecretOption.isOfPasswordClient(argument)
      }
      if isValueOfSecret, !argument.isEmpty, SecretOption.mayBeSecret(argument, after: before) { return mark }
      if isPasswordGlued, SecretOption.isGluedPassword(argument) { return argument.prefix(2) + mark }
      if position == 0 || before == "-c", argument.contains(" ") { return words(argument) }
      return position > 0 ? SecretOption.scrubbed(argument) : scrub(argument)
    }
  }

  /// A command line in one text.
  private static func words(_ line: String) -> String {
    // Whole values first, since a value in quotation marks may hold spaces.
    let words = scrub(line).split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    // A word without a space is no command line of its own, so that this goes no deeper.
    return commandLine(words).joined(separator: " ")
  }
}
