import Agent
import Control
import JSON
import Platform
import Store
import Terminal
import Text

/// `roost diff A B`: what got worse between two ranges of time, two versions or two files.
enum DiffCommand: RoostCommand {
  static let model = CommandModel(
    "diff", summary: "Compare two times, versions or files: what got worse?",
    details: """
      A and B are two ranges of time (2h..1h 1h..now, 2026-11-24T07:00:00Z..15m), two versions
      of an app as the tracer sends them, DD_VERSION (version:1.0 version:1.1), or two files that
      agents kept statistics in (before.db after.db). Times are in whole steps: 10 s, a minute from
      2 minutes on, an hour from a day on.

      Each resource has a row with its hits, errors and percentiles, what got worse first. A
      change is named only where it is more than noise; below the table stands by which tests.
      Hits are compared by their rate between times, else by their share of the service's hits.
      Exit code 1 when one side has no hits. JSON: roost.diff.v1.
      """,
    arguments: ["A", "B"].map {
      ArgumentModel(
        $0, values: .files,
        meaning: "ranges of time (2h..1h 1h..now), versions (version:1.0 version:1.1) or files (before.db after.db)")
    },
    options: [
      OptionModel("service", value: "NAME", help: "Compare only resources of this service."),
      OptionModel(
        "all-spans", help: "Compare inner spans that have statistics too, not only those that enter a service."),
      OptionModel("limit", value: "N", help: "Show the first N rows only."),
      TableSource.option,
      OptionModel("since", value: "AGE", help: "Compare only what came in the last 90s, 15m or 1h of two versions."),
    ],
    globals: ["config", "json", "color", "env", "no-header", "width"])

  static func run(_ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let table = try context.tableOptions
    let words = context.parsed.arguments
    guard words.count == 2 else { throw usage("`roost diff` needs two things to compare, A and B") }
    let nowNs = WallClock.system.nowNs
    let compared = (try read(words[0], nowNs), try read(words[1], nowNs))
    if context.options.windowNs != nil, !isVersions(compared) { throw usage("--since goes with two versions only") }
    let answer = try answer(words, compared, nowNs, context)
    var document = answer
    if let limit = table.limit { document.rows = Array(answer.rows.prefix(limit)) }
    guard answer.a.hits == 0 || answer.b.hits == 0 else {
      context.show(document.document, DiffReport(answer, limit: table.limit).lines(context.drawing))
      return .fine
    }
    let missing = emptyLines(answer, context)
    context.show(document.document, missing)
    if context.options.json { missing.forEach(Output.failure) }
    return .findings
  }

  private static func read(_ word: String, _ nowNs: Int64) throws(CommandFailure) -> ComparedWord {
    do { return try ComparedWord(word, nowNs: nowNs) } catch {
      throw CommandFailure(.usage, error.message, hint: error.pointer.joined(separator: "\n"))
    }
  }

  /// Throws for a word that is no file, and so most likely a range or a version that is typed in another way.
  private static func check(file path: String) throws(CommandFailure) {
    guard access(path, F_OK) != 0 else { return }
    if path.contains("/") { throw TableSource.noFile(path) }
    let name = safeText(path)
    let meant: String
    if ["off", ":memory:"].contains(path) {
      meant = "\(name) is no file: only a running agent can tell of what it keeps"
    } else if AgeText.ns(path) != nil || path == "now" {
      meant = "\(name) is one moment; a range of time is \(path == "now" ? "1h..now" : name + "..now")"
    } else {
      meant = "\(name) is no range of time and no version, and there is no such file"
    }
    throw CommandFailure(
      .usage, meant,
      hint: """
        Compare two ranges of time:  roost diff 2h..1h 1h..now
        two versions (DD_VERSION):   roost diff version:1.0 version:1.1
        two files of agents:         roost diff before.db after.db
        """)
  }

  private static func isVersions(_ compared: (ComparedWord, ComparedWord)) -> Bool {
    if case (.version, .version) = compared { true } else { false }
  }

  private static func answer(
    _ words: [String], _ compared: (ComparedWord, ComparedWord), _ nowNs: Int64, _ context: CommandContext
  ) throws(CommandFailure) -> DiffAnswer {
    func query(_ a: DiffSelection, _ b: DiffSelection, comparesRates: Bool = false) -> DiffQuery {
      DiffQuery(
        a: a, b: b, comparesRates: comparesRates, service: context.parsed.value("service"), env: context.options.env,
        allSpans: context.parsed.has("all-spans"))
    }
    switch compared {
    case (.range(let since, let until), .range(let laterSince, let laterUntil)):
      return try context.tableSource().diff(
        query(
          DiffSelection(name: words[0], sinceNs: since, untilNs: until),
          DiffSelection(name: words[1], sinceNs: laterSince, untilNs: laterUntil), comparesRates: true))
    case (.version(let before), .version(let after)):
      let sinceNs = context.options.windowNs.map { max(0, nowNs &- $0) }
      return try context.tableSource().diff(
        query(
          DiffSelection(name: words[0], sinceNs: sinceNs, version: before),
          DiffSelection(name: words[1], sinceNs: sinceNs, version: after)))
    case (.file(let before), .file(let after)):
      guard !context.parsed.has("db") else { throw usage("two files are compared without --db") }
      for path in [before, after] { try check(file: path) }
      return try TableSource.read { () throws(StoreError) in
        try StoredQueries(path: before).diff(
          query(DiffSelection(name: before), DiffSelection(name: after)),
          with: StoredQueries(path: after))
      }
    default:
      for case .file(let path) in [compared.0, compared.1] { try check(file: path) }
      throw usage(
        "\(safeText(words[0])) is \(compared.0.kind) and \(safeText(words[1])) is \(compared.1.kind): "
          + "both have to be of one kind")
    }
  }

  /// Which side has no hits, and what there is.
  private static func emptyLines(_ answer: DiffAnswer, _ context: CommandContext) -> [String] {
    [answer.a, answer.b].filter { $0.hits == 0 }.map { side in
      let narrowed = context.parsed.value("service").map { " of service \(safeText($0))" } ?? ""
      let known = side.versions.isEmpty ? "" : "; versions seen: " + side.versions.map(safeText).joined(separator: ", ")
      return "there are no hits\(narrowed) in \(safeText(side.name))\(known)"
    }
  }

  private static func usage(_ message: String) -> CommandFailure {
    CommandFailure(.usage, message, hint: "Try `roost diff --help`.")
  }
}
