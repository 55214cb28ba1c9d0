import Obfuscation
import Platform
import Terminal
import TraceModel

/// `roost obfuscate TYPE`: what the agent makes of a text, so that people can try their rules.
enum ObfuscateCommand: RoostCommand {
  static let model = CommandModel(
    "obfuscate", summary: "Show what the agent makes of a text: roost obfuscate sql < FILE.",
    details: """
      Reads standard input and prints it as the agent would keep and forward it, by the configuration and environment \
      that the agent would have. SQL that cannot be read is printed as "Non-parsable SQL query", with exit code 1.

      TYPE is \(Kind.allCases.map(\.rawValue).joined(separator: ", ")).
      """,
    arguments: [
      ArgumentModel("TYPE", values: .choices(Kind.allCases.map(\.rawValue)), meaning: "what the text is")
    ],
    options: [
      OptionModel("dbms", value: "NAME", choices: dialects, help: "Whose SQL it is, as a span's db.type says it.")
    ],
    globals: ["config"])

  private static let dialects = SQLDialect.names.map { "\($0.name)" }.sorted()
  private static let bytesMax = 64 << 20

  private enum Kind: String, CaseIterable {
    case sql, redis, valkey, memcached, http, mongodb, elasticsearch, opensearch
    case sqlPlan = "sql_exec_plan"
    case normalizedSQLPlan = "sql_exec_plan_normalize"
    case resource = "redis_resource"
    case creditCard = "credit_card"
    case errorMessage = "error_message"
  }

  static func run(_ context: CommandContext) throws(CommandFailure) -> ExitCode {
    guard let name = context.parsed.arguments.first, let kind = Kind(rawValue: name) else {
      throw CommandFailure(.usage, "say what the text is", hint: "Try `roost obfuscate --help`.")
    }
    let options = try ConfigurationInForce(context).value.obfuscationInForce
    var text = try SmallFile.text("-", bytesMax: bytesMax)
    // What ends the line that was typed is no part of the text.
    while text.last?.isNewline == true { text.removeLast() }
    var obfuscator = Obfuscator(options)
    var out = GrowableBuffer<UInt8>()
    let dialect = context.parsed.value("dbms") ?? ""
    let isRead = text.withUTF8 { bytes in
      write(kind, TextBytes(UnsafeRawBufferPointer(bytes)), dialect, &obfuscator, &out)
    }
    Output.line(String(decoding: out.pointer, as: UTF8.self))
    return isRead ? .fine : .findings
  }

  /// Appends what becomes of a text. Returns false for SQL that cannot be read.
  private static func write(
    _ kind: Kind, _ text: TextBytes, _ dialect: String, _ obfuscator: inout Obfuscator,
    _ out: inout GrowableBuffer<UInt8>
  ) -> Bool {
    let options = obfuscator.options
    switch kind {
    case .sql:
      var dialect = dialect
      let named = dialect.withUTF8 { SQLDialect(name: TextBytes(UnsafeRawBufferPointer($0))) }
      if obfuscator.appendSQL(text, dialect: named, to: &out) { return true }
      append("\(Obfuscator.unreadableStatement)", to: &out)
      return false
    case .resource: obfuscator.appendCommandNames(text, to: &out)
    case .redis where options.redis.isEnabled: obfuscator.appendCommands(text, of: .redis, to: &out)
    case .valkey where options.valkey.isEnabled: obfuscator.appendCommands(text, of: .valkey, to: &out)
    case .memcached where options.memcachedIsEnabled: obfuscator.appendMemcached(text, to: &out)
    case .http: obfuscator.appendURL(text, to: &out)
    case .mongodb where options.mongoDB.isEnabled: obfuscator.appendJSON(text, of: .mongoDB, to: &out)
    case .elasticsearch where options.elasticsearch.isEnabled:
      obfuscator.appendJSON(text, of: .elasticsearch, to: &out)
    case .opensearch where options.openSearch.isEnabled: obfuscator.appendJSON(text, of: .openSearch, to: &out)
    case .sqlPlan: obfuscator.appendJSON(text, of: .sqlPlan, to: &out)
    case .normalizedSQLPlan: obfuscator.appendJSON(text, of: .normalizedSQLPlan, to: &out)
    case .errorMessage where options.databaseErrorsAreHidden: obfuscator.appendErrorText(text, to: &out)
    case .creditCard where isCard(text, &obfuscator): append("?", to: &out)
    default: text.append(to: &out)
    }
    return true
  }

  private static func isCard(_ text: TextBytes, _ obfuscator: inout Obfuscator) -> Bool {
    var key = "card"
    return key.withUTF8 { obfuscator.isCardNumber(key: TextBytes(UnsafeRawBufferPointer($0)), value: text) }
  }

  private static func append(_ text: String, to out: inout GrowableBuffer<UInt8>) {
    for byte in text.utf8 { out.append(byte) }
  }
}
