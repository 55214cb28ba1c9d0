import Configuration
import Sampling

/// Takes over what can change of the configuration while the agent runs, and says what cannot.
struct ConfigurationReload {
  /// What is changed by options that need no restart.
  enum Effect: Sendable {
    case level, targets, processing, keys
  }

  /// What an option changes while the agent runs; `nil` for one that holds from the next start on.
  static func effect(of option: String) -> Effect? {
    switch option {
    case "log_level": .level
    case "apm_config.target_traces_per_second", "apm_config.errors_per_second": .targets
    case "api_key", "apm_config.additional_endpoints", "local.destinations": .keys
    // Those of other products.
    case _ where ["api_key", "app_key", "additional_endpoints"].contains(where: option.hasSuffix): .keys
    case "apm_config.ignore_resources", "apm_config.replace_tags", "apm_config.sql_obfuscation_mode": .processing
    case _ where option.hasPrefix("apm_config.filter_tags"): .processing
    case _ where option.hasPrefix("apm_config.obfuscation."): .processing
    default: nil
    }
  }

  /// What the agent does with it. Each gets the configuration that holds from now on.
  struct Actions {
    /// Clients are answered by it.
    let answer: (AgentConfiguration) -> Void
    /// Rules and obfuscation are as it says.
    let process: (AgentConfiguration) -> Void
    /// Its keys are sent with; false when that needs a restart.
    let sendWithKeys: (AgentConfiguration) -> Bool
  }

  private var current: AgentConfiguration
  /// Options of which the agent has a part from elsewhere.
  private var secretOptions: Set<String>
  private let samplers: Samplers
  private let log: Log
  private let clock: WallClock
  private let actions: Actions

  /// - Parameter loaded: what the agent has started with.
  init(_ loaded: LoadedConfiguration, samplers: Samplers, log: Log, clock: WallClock, actions: Actions) {
    current = loaded.value
    secretOptions = loaded.secretOptions
    self.samplers = samplers
    self.log = log
    self.clock = clock
    self.actions = actions
  }

  /// Takes a configuration over that was read again. One that no agent would start with changes nothing.
  mutating func take(_ reading: Result<LoadedConfiguration, any Error>) {
    switch reading {
    case .failure(let error): log.error("the configuration is not read again: \(error)")
    case .success(let loaded) where !loaded.isUsable:
      for problem in loaded.problems { log.error("\(problem)") }
      log.error("the configuration is not read again: it has errors, and the agent goes on with what it has")
    case .success(let loaded): take(loaded)
    }
  }

  private mutating func take(_ loaded: LoadedConfiguration) {
    let level = loaded.value.logLevel
    // What is said of the change has to be seen by whoever wants the finer level, be it the old or the new one.
    log.setLevel(min(current.logLevel, level))
    defer { log.setLevel(level) }
    let changed = OptionTable.options.filter { option in
      // The text of a secret is a part of it only.
      option.slot.text(in: current) != option.slot.text(in: loaded.value)
        || !option.slot.isSameSecret(in: current, loaded.value)
    }
    var next = current
    for option in changed where Self.effect(of: option.name) != nil {
      option.slot.copy(from: loaded.value, into: &next)
    }
    var effects = Set(changed.compactMap { Self.effect(of: $0.name) })
    // Last of all, as nothing is said of it before it is known whether it can be.
    if effects.contains(.keys), !actions.sendWithKeys(next) { effects.remove(.keys) }
    var waiting: [String] = []
    for option in changed {
      guard let effect = Self.effect(of: option.name), effects.contains(effect) else {
        waiting.append(option.name)
        continue
      }
      let before = option.slot.shownText(in: current, isSecret: secretOptions.contains(option.name))
      log.info("\(option.name) is \(loaded.shownText(of: option)) from now on, and was \(before)")
    }
    if !effects.contains(.keys) {
      (next.apiKey, next.additionalEndpoints) = (current.apiKey, current.additionalEndpoints)
      (next.products, next.destinations) = (current.products, current.destinations)
    }
    current = next
    secretOptions = loaded.secretOptions.union(secretOptions.intersection(waiting))
    if effects.contains(.targets) {
      samplers.setTargets(
        targetTPS: current.targetTPS, errorTPS: current.errorTPS, nowSeconds: clock.nowNs / 1_000_000_000)
    }
    if effects.contains(.processing) { actions.process(current) }
    if effects.contains(.targets) || effects.contains(.processing) { actions.answer(current) }
    if !waiting.isEmpty {
      log.warn("these have changed and hold from the next start on: \(waiting.joined(separator: ", "))")
    }
    if changed.isEmpty { log.info("the configuration was read again, and has not changed") }
  }
}
