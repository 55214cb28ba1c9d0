import Agent
import Configuration
import JSON
import Patterns
import Terminal
import Text

/// What `roost config check` found.
struct ConfigurationCheck: JSONDocument {
  static let schema = "roost.config-check.v1"

  struct Problem: Codable {
    /// One of `error`, `warning` and `note`, as the log says it.
    let severity: String
    /// The file and line, variable or flag; `null` where it is the configuration as a whole.
    let place: String?
    let message: String
  }

  /// How many patterns one setting has.
  struct Rules: Codable {
    let setting: String
    let patterns: Int
  }

  /// Whether the agent would start.
  let starts: Bool
  let problems: [Problem]
  let rules: [Rules]

  init(_ loaded: LoadedConfiguration, isStrict: Bool) {
    let patterns = Self.patterns(of: loaded.value)
    let hints = loaded.hints.map { Problem(severity: "note", place: "\($0.origin)", message: Self.message($0)) }
    var problems = loaded.problems.map { problem in
      Problem(severity: problem.severity.rawValue, place: "\(problem.origin)", message: Self.message(problem))
    }
    problems += StartWarnings.of(loaded).map { Problem(severity: "warning", place: nil, message: $0) }
    for (setting, list) in patterns {
      for pattern in list.filter(\.isSlow) {
        let text =
          "\"\(pattern.text)\" is too slow for some texts; write it without repetitions that can match the same characters"
        problems.append(
          Problem(severity: "warning", place: "\(loaded.origin(of: setting))", message: "\(setting): \(text)"))
      }
    }
    rules = patterns.compactMap { $0.1.isEmpty ? nil : Rules(setting: $0.0, patterns: $0.1.count) }
    starts = loaded.isUsable && (!isStrict || problems.isEmpty)
    self.problems = problems + hints
  }

  /// A line for each problem, then what it comes to.
  var lines: [String] {
    problems.map { problem in
      safeText("\(problem.severity): \(problem.place.map { "\($0): " } ?? "")\(problem.message)")
    } + rules.map { "\($0.setting): \($0.patterns) \($0.patterns == 1 ? "pattern" : "patterns")" }
      + [starts ? "the agent starts with this configuration" : "the agent does not start with this configuration"]
  }

  private static func message(_ problem: ConfigurationProblem) -> String {
    guard let option = problem.option, option != problem.origin.description else { return problem.message }
    return "\(option): \(problem.message)"
  }

  private static func patterns(of value: AgentConfiguration) -> [(String, [Pattern])] {
    [
      ("apm_config.ignore_resources", value.ignoreResources),
      ("apm_config.filter_tags_regex.reject", value.filterTagsRegexReject.compactMap(\.pattern)),
      ("apm_config.filter_tags_regex.require", value.filterTagsRegexRequire.compactMap(\.pattern)),
      ("apm_config.replace_tags", value.replaceRules.map(\.pattern)),
    ]
  }
}
