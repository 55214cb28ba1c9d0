import Configuration
import Sampling

/// Takes over what can change of the configuration while the agent runs, and says what cannot.
struct ConfigurationReload {
  /// Options that need no restart.
  static let changeable: Set<String> = [
    "apm_config.target_traces_per_second", "apm_config.errors_per_second", "log_level",
  ]

  private var current: AgentConfiguration
  private let samplers: Samplers
  private let log: Log
  private let clock: WallClock
  private let targetsChanged: (AgentConfiguration) -> Void

  /// - Parameters:
  ///   - current: what the agent has started with.
  ///   - targetsChanged: called with what holds from now on, when other numbers of traces are aimed at.
  init(
    _ current: AgentConfiguration, samplers: Samplers, log: Log, clock: WallClock,
    targetsChanged: @escaping (AgentConfiguration) -> Void
  ) {
    self.current = current
    self.samplers = samplers
    self.log = log
    self.clock = clock
    self.targetsChanged = targetsChanged
  }

  /// Reads the configuration again. One that no agent would start with changes nothing.
  mutating func run(_ read: () throws -> LoadedConfiguration) {
    let loaded: LoadedConfiguration
    do { loaded = try read() } catch {
      return log.error("the configuration is not read again: \(error)")
    }
    guard loaded.isUsable else {
      for problem in loaded.problems { log.error("\(problem)") }
      return log.error("the configuration is not read again: it has errors, and the agent goes on with what it has")
    }
    take(loaded)
  }

  private mutating func take(_ loaded: LoadedConfiguration) {
    let level = loaded.value.logLevel
    // What is said of the change has to be seen by whoever wants the finer level, be it the old or the new one.
    log.setLevel(min(current.logLevel, level))
    defer { log.setLevel(level) }
    var waiting: [String] = []
    var taken = 0
    for option in OptionTable.options {
      let (before, after) = (option.slot.text(in: current), option.slot.text(in: loaded.value))
      // The text of a secret is a part of it only.
      let isSame = before == after && option.slot.isSameSecret(in: current, loaded.value)
      guard !isSame else { continue }
      guard Self.changeable.contains(option.name) else {
        waiting.append(option.name)
        continue
      }
      taken += 1
      log.info("\(option.name) is \(after) from now on, and was \(before)")
    }
    let before = (current.targetTPS, current.errorTPS)
    (current.targetTPS, current.errorTPS) = (loaded.value.targetTPS, loaded.value.errorTPS)
    current.logLevel = level
    if before != (current.targetTPS, current.errorTPS) {
      samplers.setTargets(
        targetTPS: current.targetTPS, errorTPS: current.errorTPS, nowSeconds: clock.nowNs / 1_000_000_000)
      targetsChanged(current)
    }
    if !waiting.isEmpty {
      log.warn("these have changed and hold from the next start on: \(waiting.joined(separator: ", "))")
    }
    if taken == 0, waiting.isEmpty { log.info("the configuration was read again, and has not changed") }
  }
}
