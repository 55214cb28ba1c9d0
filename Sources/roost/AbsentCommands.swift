/// Words that people who know other tools type, and what there is in their place.
enum AbsentCommands {
  /// By the word in small letters; sentences without a final stop.
  static let all: [String: String] = Dictionary(
    uniqueKeysWithValues: rows.flatMap { row in row.words.map { ($0, row.instead) } })

  private static let rows: [(words: [String], instead: String)] = [
    (
      ["watch"],
      "`roost top` shows all of it live; `roost services --watch` and `roost resources --watch` draw their tables again "
        + "every second"
    ),
    (
      ["span", "spans", "search", "find", "query"],
      "`roost traces` lists the traces that a query finds, and `roost trace` draws one with its spans"
    ),
    (
      ["error", "errors", "exceptions"],
      "`roost traces --errors` lists failed requests, `roost resources --sort err` what fails most; of roost's own "
        + "errors, `roost info -v` lists the newest"
    ),
    (
      ["status", "health", "ping"],
      "`roost` alone says whether an agent runs and whether anything arrives; `roost info` has the counts"
    ),
    (
      ["log", "logs", "tail"],
      "the agent logs to standard error, or to the `log_file` of its configuration; "
        + "`roost doctor --log FILE` explains the lines of an app's tracer"
    ),
    (
      ["web", "ui", "gui", "dashboard", "browser", "page"],
      "a page for a browser comes with `roost run`, and with `roost serve --web`; `roost info` says where it is"
    ),
    (
      ["start", "agent", "server", "daemon"], "`roost serve` starts an agent, `roost run -- COMMAND` one for a command"
    ),
    (["stop", "restart", "kill"], "an agent ends with Ctrl-C or SIGTERM; `roost` alone says its pid"),
    (
      ["configcheck", "settings"],
      "`roost config check` checks the configuration, `roost serve --help` lists the options, and `roost info` what is "
        + "in force"
    ),
    (["compare", "versions"], "`roost diff` compares two times, versions or files, resource by resource"),
    (["check", "diagnose", "debug", "why"], "`roost doctor` says why an app's traces do not arrive"),
    (["client", "clients", "stats", "metrics"], "`roost info` lists the clients and what became of what they sent"),
    (
      ["endpoint", "endpoints", "list", "ls"], "`roost services` lists the services, `roost resources` their endpoints"
    ),
  ]
}
