/// Tags that are not looked at for card numbers, because what they hold is known.
package struct CardTags: Sendable {
  private static let known: [StaticString] = [
    "env", "version", "error", "service", "out.host", "out.port", "error.msg", "span.type", "span.name", "grpc.code",
    "sql.query", "account_id", "runtime-id", "error.type", "error.stack", "aws_account", "grpc.method",
    "http.method", "service.name", "grpc.request", "graphql.type", "graphql.field", "graphql.query",
    "http.status_code", "sampling.priority", "databricks_job_id", "databricks_job_run_id", "databricks_task_run_id",
    "graphql.operation.name", "config.spark_app_startTime", "config.spark_databricks_job_parentRunId",
  ]

  /// Tags of the user's choice that keep their values, too.
  private let kept: [[UInt8]]

  /// - Parameter kept: names of tags (`obfuscation.credit_cards.keep_values`).
  package init(keeping kept: [String]) {
    self.kept = kept.map { Array($0.utf8) }
  }

  /// Whether the tag's value may be replaced. Those with `_` in front are the tracers' and agents' own.
  package func mayHoldCard(_ key: TextBytes) -> Bool {
    if key[0] == UInt8(ascii: "_") { return false }
    if Self.known.contains(where: { key.isEqual(to: $0) }) { return false }
    return !kept.contains { kept in kept.count == key.count && kept.indices.allSatisfy { kept[$0] == key[$0] } }
  }
}
