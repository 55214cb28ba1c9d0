import Control
import Terminal
import Text
import Testing

@Suite("What is typed")
struct ArgumentTests {
  static let program = ProgramModel(
    name: "roost", summary: "An agent.",
    commands: [
      CommandModel("services", summary: "List services."),
      CommandModel(
        "resources", summary: "List resources.", arguments: [ArgumentModel("SERVICE")],
        options: [OptionModel("all-spans", help: "All."), OptionModel("verbose", short: "v", help: "More.")]),
      CommandModel(
        "serve", summary: "Run.",
        options: [
          OptionModel("env", value: "NAME", help: "Default env."),
          OptionModel("web", optionalValue: "ADDRESS", help: "Page."),
        ],
        globals: ["config", "env"]),
      CommandModel(
        "run", summary: "Run a command.", options: [OptionModel("live", help: "Say more.")], takesRest: true),
      CommandModel("table", summary: "Draw.", options: TableOptions.models(TableColumn.ofServices)),
    ], globals: GlobalOptions.models, absent: ["top": "look elsewhere"])

  @Test("Options work before and behind the command, with a space or an equals sign")
  func places() throws {
    let parsed = try Self.program.parse(["--json", "resources", "--since=15m", "shop", "-v", "--config", "a.yaml"])
    #expect(parsed.command == "resources")
    #expect(parsed.arguments == ["shop"])
    #expect(parsed.has("json") && parsed.has("verbose") && !parsed.has("all-spans"))
    #expect(parsed.value("since") == "15m")
    #expect(parsed.value("config") == "a.yaml")
  }

  @Test("A value that may be left out follows an equals sign only")
  func optionalValues() throws {
    #expect(try Self.program.parse(["serve", "--web"]).options["web"] == [""])
    #expect(try Self.program.parse(["serve", "--web=9000"]).value("web") == "9000")
    #expect(throws: UsageError.self) { try Self.program.parse(["serve", "--web", "9000"]) }
    #expect(throws: UsageError.self) { try Self.program.parse(["services", "--json=yes"]) }
    let serve = try #require(Self.program.command("serve"))
    #expect(Self.program.help(for: serve).contains("--web[=ADDRESS]"))
  }

  @Test("Behind two dashes everything is a word")
  func words() throws {
    #expect(try Self.program.parse(["resources", "--", "--json"]).arguments == ["--json"])
    #expect(try Self.program.parse(["resources", "-"]).arguments == ["-"])
  }

  @Test("What follows `run` belongs to the other program")
  func rest() throws {
    let parsed = try Self.program.parse(["run", "--", "python", "--json", "app.py"])
    #expect(parsed.arguments == ["--", "python", "--json", "app.py"])
    #expect(!parsed.has("json") && !parsed.has("live"))
  }

  @Test("Options of `run` itself stand before the other program", arguments: [["--"], []])
  func ownOptionsBeforeTheRest(_ dashes: [String]) throws {
    let parsed = try Self.program.parse(["run", "--live"] + dashes + ["python", "--live", "app.py"])
    #expect(parsed.has("live") && parsed.options["live"]?.count == 1)
    #expect(parsed.arguments == dashes + ["python", "--live", "app.py"])
  }

  @Test("General options stand behind `run`, too, and what `run` does not take is refused")
  func generalOptionsBeforeTheRest() throws {
    let parsed = try Self.program.parse(["run", "--config", "a.yaml", "--live", "--", "python", "--config", "b"])
    #expect(parsed.value("config") == "a.yaml" && parsed.has("live"))
    #expect(parsed.arguments == ["--", "python", "--config", "b"])
    #expect(throws: UsageError("`roost run` has no option --fast", command: "run")) {
      try Self.program.parse(["run", "--fast", "python"])
    }
    let run = try #require(Self.program.command("run"))
    #expect(Self.program.help(for: run).contains("--config FILE"))
  }

  @Test("Help spares the rest from being complete")
  func help() throws {
    for words in [["resources", "--help"], ["-h"], ["--help", "resources"], ["run", "--help"]] {
      #expect(try Self.program.parse(words).asksForHelp, "\(words)")
    }
  }

  @Test("A command's own option stands in place of a global one")
  func ownOptions() throws {
    #expect(try Self.program.parse(["serve", "--env", "dev"]).value("env") == "dev")
  }

  @Test(
    "A mistake is named, with what was probably meant",
    arguments: [
      (["servics"], "there is no command \"servics\"; did you mean `roost services`?"),
      (["top"], "there is no command \"top\": look elsewhere"),
      (["TOP"], "there is no command \"TOP\": look elsewhere"),
      (["Services"], "there is no command \"Services\"; did you mean `roost services`?"),
      (
        ["table", "--sort", "name"],
        "--sort is one of service, env, type, hits, rate, err, err%, p50, p75, p95, p99, max, last, not \"name\""
      ),
      (["res"], "there is no command \"res\"; did you mean `roost resources`?"),
      (["nothing-like-it"], "there is no command \"nothing-like-it\""),
      (["services", "--jsno"], "`roost services` has no option --jsno; did you mean --json?"),
      (["services", "--all-spans"], "`roost services` has no option --all-spans"),
      (["--sicne", "1m"], "`roost` has no option --sicne; did you mean --since?"),
      (["services", "shop"], "`roost services` does not take \"shop\""),
      (["resources"], "`roost resources` needs SERVICE"),
      (["services", "--since"], "--since needs a value: AGE"),
      (["services", "--since", "--json"], "--since needs a value: AGE"),
      (["services", "--json=yes"], "--json takes no value"),
      (["services", "--color", "pink"], "--color is one of auto, always, never, not \"pink\""),
      (["serve", "--json"], "`roost serve` has no option --json"),
      (["--json", "serve"], "`roost serve` has no option --json"),
      (["services", "-x"], "`roost services` has no option -x"),
    ])
  func mistakes(_ words: [String], _ message: String) {
    let error = #expect(throws: UsageError.self) { try Self.program.parse(words) }
    #expect(error?.message == message)
  }

  @Test("Global options become values")
  func globals() throws {
    let words = ["services", "--json", "--no-header", "--since", "1h30m", "--width", "80", "--env", "prod"]
    let options = try GlobalOptions(Self.program.parse(words + ["--color", "never"]))
    #expect(options.json && !options.header)
    #expect(options.windowNs == 5_400_000_000_000 && options.windowText == "1h30m")
    #expect(options.width == 80 && options.env == "prod" && options.color == .never)
  }

  @Test(
    "Values that make no sense are refused",
    arguments: [
      ["--since", "15"], ["--since", "m"], ["--since", "0s"], ["--since", "1y"], ["--since", "-5m"],
      ["--since", "99999999999999d"], ["--since=", ""], ["--width", "wide"], ["--width", "19"], ["--width", "10001"],
    ])
  func nonsense(_ words: [String]) {
    #expect(throws: UsageError.self) { try GlobalOptions(Self.program.parse(["services"] + words)) }
  }

  @Test(
    "Ages are read with their units",
    arguments: [
      ("90s", 90_000_000_000), ("15m", 900_000_000_000), ("500ms", 500_000_000), ("2d", 172_800_000_000_000),
      ("1h1m1s", 3_661_000_000_000), ("", nil), ("1 h", nil), ("١s", nil), ("1.5h", nil),
    ] as [(String, Int64?)])
  func ages(_ text: String, _ ns: Int64?) { #expect(AgeText.ns(text) == ns) }

  @Test("Very long words cost nothing and are never near")
  func longWords() {
    let long = String(repeating: "a", count: 100_000)
    #expect(suggestion(for: long, among: ["services"]) == nil)
  }

  @Test("Capitals do not matter where there is a choice, so that a heading can be typed as it is read")
  func choices() throws {
    #expect(try Self.program.parse(["table", "--sort", "ERR%"]).value("sort") == "err%")
    #expect(try Self.program.parse(["table", "--color", "Never"]).value("color") == "never")
  }

  @Test("A length of nothing is refused", arguments: ["0", "-1", "ten", ""])
  func limits(_ text: String) {
    #expect(throws: UsageError.self) { try TableOptions(Self.program.parse(["table", "--limit=\(text)"])) }
  }

  @Test(
    "Rows are sorted by any column and cut after that",
    arguments: [
      ("service", ["a", "b", "c"]), ("hits", ["b", "a", "c"]), ("err", ["c", "a", "b"]), ("err%", ["c", "a", "b"]),
      ("rate", ["a", "c", "b"]), ("p95", ["a", "b", "c"]), ("last", ["a", "b", "c"]), (nil, ["c", "a", "b"]),
    ] as [(String?, [String])])
  func sorting(_ column: String?, _ names: [String]) throws {
    func row(_ service: String, hits: UInt64, errors: UInt64) -> ServiceRow {
      ServiceRow(
        service: service, env: "", type: "", hits: hits, errors: errors, ratePerSecond: service == "a" ? 9 : 1,
        latency: LatencyQuantiles(p95Ns: service == "c" ? 1 : 2), lastSeenNs: service == "c" ? 1 : 2)
    }
    // Equal ones stay in the order in which they came.
    let rows = [row("c", hits: 1, errors: 1), row("a", hits: 10, errors: 1), row("b", hits: 20, errors: 0)]
    let typed = ["table"] + (column.map { ["--sort", $0] } ?? [])
    let sorted = try TableOptions(Self.program.parse(typed)).rows(of: rows).map(\.service)
    #expect(sorted == names)
    #expect(
      try TableOptions(Self.program.parse(typed + ["--limit", "2"])).rows(of: rows).map(\.service)
        == Array(names.prefix(2)))
  }

  @Test("Every column that a table can be sorted by has its heading in the table")
  func columns() {
    let services = ServicesReport(ReportSamples.services).lines(Drawing())[0].split(separator: " ").map {
      $0.lowercased()
    }
    #expect(services == TableColumn.ofServices.map(\.rawValue))
    var all = ReportSamples.allResources
    all.rows[0].env = "other"
    let resources = ResourcesReport(all).lines(Drawing())[0].split(separator: " ").map { $0.lowercased() }
    #expect(resources == TableColumn.ofResources.map(\.rawValue))
  }
}
