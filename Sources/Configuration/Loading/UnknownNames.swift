/// Looks through a file and the environment for names that nobody will read, and for those that change nothing.
struct UnknownNames {
  let known: KnownNames
  /// Most warnings of this kind; the rest is only counted. A file full of unknown names is the wrong file.
  static let reportedMax = 100
  /// Groups in which any unknown key is worth a warning, because all of their keys are ours.
  private static let closedGroups = ["apm_config", "proxy"]

  /// Warns of unknown keys, reports groups that hold no keys as errors, and lists what has no effect.
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
        if let row = known.acceptedKey(path) { list(entry, path, row, file, into: &loaded) }
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
          loaded.addWithoutEffect(path, origin, .unknown, message)
        }
      }
    }
  }

  /// Lists a key that changes nothing, or each of the keys below it. Those of other programs are listed by their group.
  private func list(
    _ entry: YAMLEntry, _ path: String, _ row: AcceptedKey, _ file: String, into loaded: inout LoadedConfiguration
  ) {
    guard !entry.value.isNull, !(row.isOffInEffect && entry.value.isOff) else { return }
    if case .mapping(let entries) = entry.value.content, row.fate != .otherProgram, !row.keys.contains(path),
      entries.allSatisfy({ Self.isPlain($0.name) })
    {
      // Some of the keys below may be options.
      for child in entries where known.acceptedKey("\(path).\(child.name)") != nil {
        list(child, "\(path).\(child.name)", row, file, into: &loaded)
      }
    } else {
      loaded.addWithoutEffect(path, .file(path: file, line: entry.line), row.reason, row.about)
    }
  }

  /// The name of a key rather than data, such as a URL, that stands in a key's place.
  private static func isPlain(_ name: String) -> Bool {
    name.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_") }
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
    for (name, value) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix("DD_") && !value.isEmpty {
      if let row = known.acceptedKey(forVariable: name) {
        guard !(row.isOffInEffect && YAMLNode.isOff(value)) else { continue }
        loaded.addWithoutEffect(name, .variable(name), row.reason, row.about)
      } else if name.hasPrefix("DD_APM_"), !known.isKnown(variable: name) {
        let origin = ConfigurationOrigin.variable(QuotedText.escaped(name))
        let message = "unknown variable" + (known.suggestion(forVariable: name).map { "; did you mean \($0)?" } ?? "")
        loaded.report(.warning, origin, nil, message)
        loaded.addWithoutEffect(name, origin, .unknown, message)
      }
    }
  }
}
