import Configuration

/// What the log says of the configuration when the agent starts.
enum ConfigurationNotices {
  /// Names in one line: it has to stay below the length at which the log cuts.
  private static let namesMax = 10

  static func write(_ loaded: LoadedConfiguration, to log: Log) {
    for problem in loaded.problems { log.warn("\(problem)") }
    for hint in loaded.hints { log.info("\(hint)") }
    for line in warnings(of: loaded) { log.warn(line) }
    for line in lines(of: loaded, .otherProgram) { log.info(line) }
  }

  /// Settings that somebody may count on in vain: a line for every ten.
  static func warnings(of loaded: LoadedConfiguration) -> [String] {
    SettingWithoutEffect.Reason.allCases.filter { $0 != .otherProgram }.flatMap { lines(of: loaded, $0) }
  }

  private static func lines(of loaded: LoadedConfiguration, _ reason: SettingWithoutEffect.Reason) -> [String] {
    lines(of: loaded.withoutEffect.filter { $0.reason == reason }.map(\.description), reason)
  }

  /// A line for every ten settings. Unknown ones have been reported as problems.
  private static func lines(of names: [String], _ reason: SettingWithoutEffect.Reason) -> [String] {
    guard reason != .unknown else { return [] }
    return stride(from: 0, to: names.count, by: namesMax).map { start in
      let end = min(start + namesMax, names.count)
      let count = end - start == 1 ? "1 setting" : "\(end - start) settings"
      let (has, belong) = end - start == 1 ? ("has", "belongs") : ("have", "belong")
      let list = names[start..<end].joined(separator: ", ")
      return switch reason {
      case .notHidden: "\(count) to hide or drop data \(has) no effect yet, spans pass as they came: \(list)"
      case .notYet, .unknown: "\(count) \(has) no effect yet: \(list)"
      case .noMeaning: "\(count) \(has) no effect in roost: \(list)"
      case .otherProgram: "\(count) \(has) no effect here and \(belong) to other programs: \(list)"
      }
    }
  }
}
