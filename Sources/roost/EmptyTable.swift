import Control
import Terminal

/// Why a table has no rows: what the agent has seen at all, beside what was asked for.
struct EmptyTable {
  /// Apps' services of the last hour, each once, by name.
  let services: [String]
  /// Whether `roost send-test` was seen in the last hour.
  let hasTests: Bool
  /// What stands in place of the table.
  let lines: [String]
  /// What is said beside a document; `nil` when the environment that was asked for is known, or none was.
  let note: String?

  init(_ source: TableSource, _ context: CommandContext) throws(CommandFailure) {
    let answer = try source.services(ServicesQuery(includesTests: true))
    let all = answer.rows
    let rows = all.filter { $0.service != TestTraffic.service }
    hasTests = rows.count < all.count
    let envs = Set(rows.map(\.env)).sorted()
    let options = context.options
    services = Set(rows.map(\.service)).sorted()
    lines = try EmptyReport.dropped(answer) + source.emptyLines(options, envs: envs)
    note = options.env.flatMap { env in
      envs.isEmpty || envs.contains(env) ? nil : EmptyReport.unknownEnv(env, envs)
    }
  }
}
