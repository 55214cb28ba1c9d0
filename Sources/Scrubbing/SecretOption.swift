/// Options of command lines that carry secrets by themselves or in the argument behind them.
enum SecretOption {
  /// Short options behind which programs take a password, a user with password, or a header.
  private static let short: Set<String> = ["-p", "-a", "-u", "-H", "-U"]
  private static let long: Set<String> = ["--user", "--header", "--proxy-user", "--pass", "--data", "--env"]

  static func takesSecret(_ argument: String) -> Bool {
    if short.contains(argument) || long.contains(argument) { return true }
    return argument.hasPrefix("-") && !argument.contains("=") && SecretName.isSecret(argument.drop { $0 == "-" })
  }

  /// Programs that take a password behind `-p` in the same word, as well as their kin: `mysqldump`, `mariadb-admin`.
  private static let passwordClients = ["mysql", "mariadb", "sshpass"]

  /// A program of `passwordClients`, with or without its folder.
  static func isOfPasswordClient(_ argument: String) -> Bool {
    let name = argument.split(separator: "/").last ?? ""
    return passwordClients.contains(where: name.hasPrefix)
  }

  /// `-pSECRET`, behind such a program.
  static func isGluedPassword(_ argument: String) -> Bool { argument.hasPrefix("-p") && argument.utf8.count > 2 }

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
