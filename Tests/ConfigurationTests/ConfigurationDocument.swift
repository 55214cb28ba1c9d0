@testable import Configuration

/// Writes `docs/configuration.md` from the tables.
enum ConfigurationDocument {
  static func markdown() -> String {
    let topics = ConfigurationOption.Topic.allCases.map { topic in
      "## \(topic.rawValue)\n\n"
        + OptionTable.options.filter { $0.topic == topic }.map(section).joined(separator: "\n")
    }
    return introduction + "\n" + topics.joined(separator: "\n") + "\n" + accepted
  }

  private static let introduction = """
    # Configuration

    <!-- Written from the table of options; change the table, then: ROOST_ACCEPT=1 swift test --filter ConfigurationTests -->

    roost reads the Datadog agent's `datadog.yaml` and the same environment variables. Nothing has to be set: without a
    file it listens on 127.0.0.1:8126 and [::1]:8126, counts what arrives and shows it.

    - `roost serve --config FILE` names the file; otherwise it is `/etc/datadog-agent/datadog.yaml`
      (macOS `/opt/datadog-agent/etc/datadog.yaml`) when that is there. The commands read the same file to find the agent.
    - A file in the form of the Datadog agent 5 (`datadog.conf`, `trace-agent.ini`), which begins with a section such as
      `[Main]`, is read as well: by `--config`, or from `/etc/dd-agent/datadog.conf` where there is no `datadog.yaml`.
      `roost config migrate FILE` prints it as `datadog.yaml`.
    - `roost config show` prints every value in force and where it comes from, `roost config check` what is wrong.
    - A flag beats a variable, a variable beats the file. The places that set an option are listed in
      order, the first that has it counts.
    - An empty variable is not set. A key without a value (`site:`) or with `null` is not set. An empty text in the file
      (`site: ""`) is not set either, except where it is said.
    - true and false are `true`, `t`, `1`, `false`, `f`, `0` with their capitals; plain words in the file may also be
      `yes`, `no`, `on`, `off`.
    - A value that cannot be read is an error: the agent says file and line and ends with code 78. An unknown key under
      `apm_config`, an unknown `DD_APM_` variable, and a top-level key that looks like a misspelled one are warnings.
      So are unknown keys in the `[trace.…]` sections of a `datadog.conf`, and names in it that are one slip from a known one.
    - Keys are read without regard to case. Of a file with several YAML documents the first counts.

    """

  private static func section(_ option: ConfigurationOption) -> String {
    let isOnlyName = option.sources.count == 1 && option.flag == nil
    let flag = option.flag.map { "`\($0.usage)`" }
    let places = option.sources.map { source in
      switch source {
      case .variable(let name): "`\(name)`"
      case .key(let path): "key `\(path)`"
      }
    }
    let setBy = ([flag].compactMap { $0 } + places).joined(separator: ", ")
    return "### `\(option.name)`\n\n\(capitalized(option.summary)).\n\n"
      + "- \(capitalized(option.slot.typeText)); default \(standard(option))\n"
      + (isOnlyName ? "" : "- Set by \(setBy)\n")
      + (option.isOwn ? "- Only roost has it\n" : "")
      + "\n\(option.meaning)\n"
  }

  private static func standard(_ option: ConfigurationOption) -> String {
    option.defaultNote ?? "`\(option.defaultText)`"
  }

  private static func capitalized(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

  private static var accepted: String {
    """
    ## Accepted, without effect

    roost knows these settings of the Datadog agent and does nothing with them. Those that are set are named in the log
    at the start and in `roost info -v`, with file and line, and `roost doctor` counts them. What is off (`false`, 0,
    empty) is off here too, and not named. Besides the variables listed, every key has one: `DD_` and its path in
    capitals, with `_` for each dot.

    ### Not there yet

    \(table(.notYet))
    ### Nothing to change here

    \(table(.noMeaning))
    ### For other programs

    \(table(.otherProgram))
    Other top-level keys belong to other parts of the Datadog agent and are not looked at.

    """
  }

  private static func table(_ fate: AcceptedKey.Fate) -> String {
    let rows = AcceptedKey.all.filter { $0.fate == fate }.map { row in
      let own = Set(row.keys.map { "DD_" + $0.uppercased().replacing(".", with: "_") })
      return "| \(row.about) | \(names(row.keys)) | \(names(row.variables.filter { !own.contains($0) })) |\n"
    }
    return "| what | keys | variables |\n|---|---|---|\n" + rows.joined()
  }

  private static func names(_ names: [String]) -> String { names.map { "`\($0)`" }.joined(separator: ", ") }
}
