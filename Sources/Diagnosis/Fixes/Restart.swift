import Scrubbing

/// How an app is to be started again: with which settings changed, and under what.
///
/// The line keeps what names the app and what loads its tracer, and is to be typed where the app was started.
struct Restart {
  typealias Setting = (name: String, value: String)

  /// Variables to set, each with its new value.
  var set: [Setting] = []
  /// Variables that must not be there; those that the process has not are passed over.
  var unset: [String] = []
  /// What the command is to be started under, in place of the launcher that it has: `ddtrace-run`. Empty for none.
  var launcher: String?
  /// Through `roost run`, which tells the tracer where the agent is unless a setting does.
  var isThroughRoostRun = false
  /// Words to add behind the command, such as an option.
  var added: [String] = []
  /// Words of the command to leave out.
  var removed: Set<String> = []
  /// Something in what is to be set has to be filled in first: a secret that the doctor does not show.
  var isTemplate = false
  /// Words before the whole command, such as `sudo --preserve-env=DD_ENV`.
  var before: [String] = []

  /// A longer line is no help: nobody sees what is different in it.
  private static let lineBytesMax = 480
  private static let variablesMax = 12

  /// Variables by which tracers of some age or language are told where their agent is.
  static let addressNames = [
    "DD_TRACE_AGENT_URL", "DD_TRACE_URL", "DD_AGENT_HOST", "DD_TRACE_AGENT_HOSTNAME", "DATADOG_TRACE_AGENT_HOSTNAME",
    "DD_TRACE_AGENT_PORT", "DD_AGENT_PORT", "DATADOG_TRACE_AGENT_PORT", "DD_TRACE_AGENT_UNIX_DOMAIN_SOCKET",
  ]

  /// So that its tracer sends to `url`, and no other setting says otherwise.
  static func sending(to url: String, _ process: ProcessEvidence?) -> Restart {
    var restart = Restart(set: [("DD_TRACE_AGENT_URL", url)], unset: addressNames)
    if let process, let names = TargetSettings(process).namesBeforeURL, let place = Place(url), place.isTCP {
      restart.set = [(names.host, place.host), (names.port, String(place.port))]
    }
    return restart
  }

  /// The line to type, or what to do where no whole line can be given. `note` says what it is for.
  func line(_ process: ProcessEvidence?, note: String = "") -> String {
    if let process, let line = command(process) { return note.isEmpty ? line : "\(line)   # \(note)" }
    return note.isEmpty ? advice(process) : "\(advice(process)) (\(note))"
  }

  /// `nil` where the whole command is not known, or what is typed here would start it somewhere else.
  private func command(_ process: ProcessEvidence) -> String? {
    let start = StartCommand(process)
    guard let words = start.words, !process.isInContainer, !isTemplate, process.isEnvironmentReadable,
      !overridesVariables(process),
      let kept = kept(process, start), set.allSatisfy({ StartCommand.isWhole($0.value) }),
      set.count + kept.count <= Self.variablesMax
    else { return nil }
    let changed = Set(set.map(\.name))
    let absent = unset.filter { process.environment[$0] != nil && !changed.contains($0) }
    let launched = (launcher ?? start.launcher).map { $0.isEmpty ? [] : [$0] } ?? []
    var line = (absent.isEmpty ? [] : ["env"]) + absent.flatMap { ["-u", $0] }
    line += (set + kept).map { "\($0.name)=\(shellWord($0.value))" }
    let app = before + (isThroughRoostRun ? ["roost", "run", "--"] : []) + launched
    line += (app + words.filter { !removed.contains($0) } + added).map(shellWord)
    let text = line.joined(separator: " ")
    return text.utf8.count <= Self.lineBytesMax ? text : nil
  }

  /// Java's system properties on the command line, which go before variables of the same meaning.
  private func overridesVariables(_ process: ProcessEvidence) -> Bool {
    process.language == "java"
      && set.contains { name, _ in
        process.hasProperty("-D" + name.lowercased().replacing("_", with: ".") + "=")
          || Self.addressNames.contains(name)
            && (process.hasProperty("-Ddd.agent.") || process.hasProperty("-Ddd.trace.agent."))
      }
  }

  /// The settings of its tracer that stay as they are; `nil` when one of them is not known whole.
  private func kept(_ process: ProcessEvidence, _ start: StartCommand) -> [Setting]? {
    let changed = Set(set.map(\.name) + unset)
    let settings = process.environment.filter { name, value in
      ["DD_", "DATADOG_", "OTEL_"].contains { name.hasPrefix($0) } && !value.isEmpty && value != Scrubber.mark
    }
    var all = settings.merging(start.loading) { $1 }.filter { !changed.contains($0.key) }
    // ddtrace-run wrote it because of a setting that goes.
    if changed.contains("OTEL_TRACES_EXPORTER"), all["DD_TRACE_ENABLED"] == "False", process.language == "python",
      process.setting("OTEL_TRACES_EXPORTER")?.lowercased() == "none"
    {
      all["DD_TRACE_ENABLED"] = nil
    }
    guard all.allSatisfy({ StartCommand.isWhole($0.key) && StartCommand.isWhole($0.value) }) else { return nil }
    return all.sorted { Self.rank($0.key) < Self.rank($1.key) }.map { ($0.key, $0.value) }
  }

  /// What names the app stands first.
  private static func rank(_ name: String) -> (Int, String) {
    (["DD_SERVICE", "DD_ENV", "DD_VERSION", "DD_TAGS"].firstIndex(of: name) ?? .max, name)
  }

  private func advice(_ process: ProcessEvidence?) -> String {
    let place = process?.isInContainer == true ? "in the app's container" : "for the app"
    var steps: [String] = []
    if !set.isEmpty {
      steps.append("set \(Self.list(set.map { "\($0.name)=\(shellWord($0.value))" })) \(place)")
    }
    let absent = unset.filter {
      process?.environment[$0] != nil || (process == nil && set.isEmpty && !isThroughRoostRun)
    }
    if !absent.isEmpty { steps.append("take \(Self.list(absent)) out of its settings") }
    if !removed.isEmpty { steps.append("leave out \(Self.list(removed.sorted()))") }
    if !added.isEmpty { steps.append("add \(added.joined(separator: " ")) to its command") }
    let under = isThroughRoostRun ? "roost run --" : launcher
    if under == "" {
      steps.append("leave out ddtrace-run")
    } else if let under {
      steps.append("put `\(under)` in front of its command")
    }
    return Self.list(steps) + ", and start it as before"
  }

  private static func list(_ words: [String]) -> String {
    words.count < 3
      ? words.joined(separator: " and ") : words.dropLast().joined(separator: ", ") + " and " + words[words.count - 1]
  }
}

extension ProcessEvidence {
  /// A system property with this beginning is on the command line or in the variables that Java adds to it.
  fileprivate func hasProperty(_ beginning: String) -> Bool {
    let added = ["JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS"].compactMap(setting)
    return (commandLine + added.flatMap { $0.split(separator: " ").map(String.init) }).contains {
      $0.hasPrefix(beginning)
    }
  }
}
