/// Looks through a file and the environment for names that nobody will read.
struct UnknownNames {
  let known: KnownNames
  /// Most warnings of this kind; the rest is only counted. A file full of unknown names is the wrong file.
  static let reportedMax = 100
  /// Groups in which any unknown key is worth a warning, because all of their keys are ours.
  private static let closedGroups = ["apm_config", "proxy"]

  /// Warns of unknown keys, reports groups that hold no keys as errors, and lists what is not used yet.
  func check(_ root: YAMLNode, path file: String, into loaded: inout LoadedConfiguration) {
    var unknownCount = 0
    walk(root, group: nil, file, into: &loaded, &unknownCount)
    if unknownCount > Self.reportedMax {
      loaded.report(
        .warning, .file(path: file, line: nil), nil, "\(unknownCount - Self.reportedMax) more unknown keys")
    }
  }

  private func walk(
    _ node: YAMLNode, group: String?, _ file: String, into loaded: inout LoadedConfiguration, _ unknownCount: inout Int
  ) {
    guard case .mapping(let entries) = node.content else { return }
    for entry in entries {
      let path = group.map { "\($0).\(entry.name)" } ?? entry.name
      let origin = ConfigurationOrigin.file(path: file, line: entry.line)
      // A dot in a key is part of its name: it reads like a path, but is none.
      switch entry.name.contains(".") ? .unknown : known.kind(of: path) {
      case .value, .open:
        if known.isNotYet(key: path), !entry.value.isNull { loaded.notUsed.append((path, origin)) }
      case .group:
        if case .mapping = entry.value.content {
          walk(entry.value, group: path, file, into: &loaded, &unknownCount)
        } else if !entry.value.isNull {
          loaded.report(.error, origin, path, "keys are expected under it, not a value")
        }
      case .unknown:
        guard let message = message(for: entry.name, in: group) else { continue }
        unknownCount += 1
        if unknownCount <= Self.reportedMax {
          loaded.report(.warning, origin, QuotedText.escaped(path), message)
        }
      }
    }
  }

  /// Nil when an unknown key is no business of ours.
  private func message(for name: String, in group: String?) -> String? {
    let path = group.map { "\($0).\(name)" } ?? name
    if name.contains("."), let dot = path.lastIndex(of: "."), known.kind(of: path) != .unknown {
      return "not read like this; write \(path[path.index(after: dot)...]) as a key under \(path[..<dot]):"
    }
    if group == nil, known.belongsUnderAPM(name) { return "not read here; it belongs under apm_config:" }
    let hint = known.suggestion(for: name, in: group).map { "; did you mean \($0)?" }
    let isClosed = Self.closedGroups.contains { group == $0 || group?.hasPrefix("\($0).") == true }
    return isClosed || hint != nil ? "unknown key\(hint ?? "")" : nil
  }

  /// Warns of `DD_APM_…` variables that nobody reads, in alphabetical order.
  func check(_ environment: [String: String], into loaded: inout LoadedConfiguration) {
    for name in environment.keys.sorted() where environment[name]?.isEmpty == false {
      if known.isNotYet(variable: name) {
        loaded.notUsed.append((name, .variable(name)))
      } else if name.hasPrefix("DD_APM_"), !known.isKnown(variable: name) {
        let hint = known.suggestion(forVariable: name).map { "; did you mean \($0)?" } ?? ""
        loaded.report(.warning, .variable(QuotedText.escaped(name)), nil, "unknown variable\(hint)")
      }
    }
  }
}
