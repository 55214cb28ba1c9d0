import Text

/// The names that mean something, for telling a misspelled one from one that is no business of ours.
struct KnownNames {
  /// Exact paths of keys, lower case.
  private let keys: Set<String>
  /// Paths that have keys below them: `apm_config`, `apm_config.trace_writer`.
  private let groups: Set<String>
  /// Names directly below a group, by its path; `""` is the top.
  private let children: [String: [String]]
  private let variables: Set<String>
  private let accepted: [AcceptedKey]
  /// Keys and variables that set an option.
  private let options: Set<String>
  /// Starts of names of which any ending is fine.
  private let openKeys: [String]
  private let openVariables: [String]

  init(options: [ConfigurationOption], accepted: [AcceptedKey]) {
    let paths = options.flatMap(\.keys) + accepted.flatMap(\.keys)
    let names = options.flatMap(\.variables) + accepted.flatMap(\.variables)
    keys = Set(paths.filter { !$0.hasSuffix("*") })
    variables = Set(names.filter { !$0.hasSuffix("*") })
    openKeys = paths.filter { $0.hasSuffix("*") }.map { String($0.dropLast()) }
    openVariables = names.filter { $0.hasSuffix("*") }.map { String($0.dropLast()) }
    self.accepted = accepted
    self.options = Set(options.flatMap { $0.keys + $0.variables })
    var groups: Set<String> = []
    var children: [String: Set<String>] = [:]
    for path in paths {
      var group = ""
      let parts = path.split(separator: ".")
      for (index, part) in parts.enumerated() where !part.hasSuffix("*") {
        children[group, default: []].insert(String(part))
        group = parts[...index].joined(separator: ".")
        if index < parts.count - 1 { groups.insert(group) }
      }
    }
    self.groups = groups
    self.children = children.mapValues(Array.init)
  }

  /// What a path stands for.
  enum Kind { case value, group, open, unknown }

  func kind(of path: String) -> Kind {
    if keys.contains(path) { return .value }
    if openKeys.contains(where: { path.hasPrefix($0) || path + "." == $0 }) { return .open }
    return groups.contains(path) ? .group : .unknown
  }

  func isKnown(variable: String) -> Bool {
    variables.contains(variable) || openVariables.contains { variable.hasPrefix($0) }
  }

  /// The known name directly below a group, or at the top, that is nearest to a misspelled one.
  func suggestion(for name: String, in group: String?) -> String? {
    SpellingDistance.nearest(to: name, of: children[group ?? ""] ?? [])
  }

  func suggestion(forVariable name: String) -> String? {
    SpellingDistance.nearest(to: name, of: Array(variables))
  }

  /// True when a name belongs under `apm_config` and nowhere else.
  func belongsUnderAPM(_ name: String) -> Bool { keys.contains("apm_config.\(name)") && kind(of: name) == .unknown }

  /// The row that accepts a key without doing anything with it; nil for options and unknown keys.
  func acceptedKey(_ path: String) -> AcceptedKey? {
    options.contains(path) ? nil : accepted.first { $0.keys.contains { Self.covers($0, path) } }
  }

  /// The same for a variable.
  func acceptedKey(forVariable name: String) -> AcceptedKey? {
    options.contains(name) ? nil : accepted.first { $0.variables.contains { Self.covers($0, name) } }
  }

  private static func covers(_ pattern: String, _ name: String) -> Bool {
    guard pattern.hasSuffix("*") else { return pattern == name }
    return name.hasPrefix(pattern.dropLast()) || name + "." == pattern.dropLast()
  }
}
