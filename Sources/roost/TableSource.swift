import Agent
import Control
import Platform
import Store
import Terminal
import Text

/// Where a table of statistics comes from: the running agent, or the file that one has left.
enum TableSource {
  case agent(ControlClient)
  case file(StoredQueries, path: String)

  /// The option that names a file.
  static let option = OptionModel(
    "db", value: "FILE", help: "Read the statistics that an agent keeps in FILE (local.db), and ask no agent.")

  func services(_ query: ServicesQuery) throws(CommandFailure) -> ServicesAnswer {
    switch self {
    case .agent(let agent): return try agent.services(query)
    case .file(let stored, _): return try Self.read { () throws(StoreError) in try stored.services(query) }
    }
  }

  func resources(_ query: ResourcesQuery) throws(CommandFailure) -> ResourcesAnswer {
    switch self {
    case .agent(let agent): return try agent.resources(query)
    case .file(let stored, _): return try Self.read { () throws(StoreError) in try stored.resources(query) }
    }
  }

  func diff(_ query: DiffQuery) throws(CommandFailure) -> DiffAnswer {
    switch self {
    case .agent(let agent): return try agent.diff(query)
    case .file(let stored, _): return try Self.read { () throws(StoreError) in try stored.diff(query) }
    }
  }

  /// What stands in place of a table without rows.
  func emptyLines(_ options: GlobalOptions, envs: [String]) throws(CommandFailure) -> [String] {
    switch self {
    case .agent(let agent):
      return EmptyReport.lines(try agent.info(), window: options.windowText, env: options.env, envs: envs)
    case .file(let stored, let path):
      let age = try Self.read { () throws(StoreError) in try stored.lastAgeNs() }
      return EmptyReport.lines(file: path, lastAgeNs: age, window: options.windowText, env: options.env, envs: envs)
    }
  }

  /// The file that `--db` names; `nil` without it. What an agent may be told in its place is none that can be read.
  static func file(_ parsed: ParsedArguments) throws(CommandFailure) -> String? {
    let why: String
    switch parsed.value("db") {
    case "off": why = "an agent with local.db off keeps no traces, and statistics of an hour that only it can tell"
    case ":memory:": why = "what an agent keeps in memory, only it can tell"
    case let path?:
      guard access(path, F_OK) == 0 || errno != ENOENT else { throw noFile(path) }
      return path
    case nil: return nil
    }
    throw CommandFailure(
      .usage, "--db \(parsed.value("db") ?? "") is no file: \(why)",
      hint: "Without --db, the running agent is asked.")
  }

  /// What is said of a file that is not there.
  static func noFile(_ path: String) -> CommandFailure {
    CommandFailure(
      .unreadableInput, "there is no file \(safeText(path))", hint: "`roost info` names the file of a running agent.")
  }

  static func read<Result>(_ body: () throws(StoreError) -> Result) throws(CommandFailure) -> Result {
    do { return try body() } catch { throw CommandFailure(.unreadableInput, "\(error)") }
  }
}

extension CommandContext {
  /// Where the statistics come from that were asked for.
  func tableSource() throws(CommandFailure) -> TableSource {
    guard let path = try TableSource.file(parsed) else { return .agent(try agent()) }
    return .file(try TableSource.read { () throws(StoreError) in try StoredQueries(path: path) }, path: path)
  }
}
