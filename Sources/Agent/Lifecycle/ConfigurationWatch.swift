import Configuration
import Platform

/// Reads the configuration again when somebody asks for it, or when secrets in it may have changed, and has the agent take
/// it over.
struct ConfigurationWatch {
  private let read: (@Sendable () throws -> LoadedConfiguration)?
  private var reload: ConfigurationReload
  private var refresh: SecretRefresh
  /// Where secrets come from, and whether there are any: what `refresh` goes by.
  private var backend: SecretBackend
  private var hasSecrets: Bool
  private let background = BackgroundReading()
  private let log: Log

  /// Without a program that is asked for secrets a configuration is read within it.
  private static let readingTime = Duration.milliseconds(250)

  /// - Parameter read: `nil` when the configuration cannot change.
  init(
    _ loaded: LoadedConfiguration, read: (@Sendable () throws -> LoadedConfiguration)?, reload: ConfigurationReload,
    log: Log
  ) {
    self.read = read
    self.reload = reload
    self.log = log
    backend = loaded.value.secrets
    hasSecrets = !loaded.secretOptions.isEmpty
    refresh = SecretRefresh(backend, hasSecrets: hasSecrets, now: .now, share: Double.random(in: 0...1))
  }

  /// To be called in each round of the main loop.
  /// - Parameters:
  ///   - isAsked: SIGHUP has come.
  ///   - isKeyRefused: whether an intake refuses its key.
  mutating func look(isAsked: Bool, isKeyRefused: () -> Bool) {
    guard let read else { return }
    if isAsked {
      background.begin(read)
    } else if refresh.isDue(.now, isKeyRefused: isKeyRefused) {
      log.info("asking for secrets anew")
      background.begin(read)
    }
    guard let reading = background.take(atMost: isAsked ? Self.readingTime : .zero) else { return }
    if case .success(let loaded) = reading, loaded.isUsable { renewRefresh(loaded) }
    reload.take(reading)
  }

  /// There may be secrets now where there were none, or other intervals.
  private mutating func renewRefresh(_ loaded: LoadedConfiguration) {
    let isSame = backend == loaded.value.secrets && hasSecrets == !loaded.secretOptions.isEmpty
    if isSame { return }
    backend = loaded.value.secrets
    hasSecrets = !loaded.secretOptions.isEmpty
    refresh = SecretRefresh(backend, hasSecrets: hasSecrets, now: .now, share: 1)
  }
}

/// Reads the configuration on a thread of its own: the program that is asked for secrets may take half a minute, and the
/// main loop has to give signs of life.
final class BackgroundReading: Sendable {
  private struct State: Sendable {
    var isBusy = false
    /// Something may have changed since the reading under way began.
    var isAskedAgain = false
    var result: Result<LoadedConfiguration, any Error>?
    /// Woken when there is a result.
    var done: WakePipe?
  }

  private let state = Lock(State())

  /// Begins to read; while that is under way already, it is done once more behind it.
  func begin(_ read: @escaping @Sendable () throws -> LoadedConfiguration) {
    let done = try? WakePipe()
    let isFree = state.withLock { state in
      guard !state.isBusy else {
        state.isAskedAgain = true
        return false
      }
      state.isBusy = true
      state.done = done
      return true
    }
    guard isFree else { return }
    do {
      try JoinableThread(name: "roost-secrets") { [self] in
        var isLast = false
        while !isLast { isLast = end(with: Result { try read() }) }
        done?.wake()
      }.detach()
    } catch {
      _ = end(with: .failure(error))
    }
  }

  /// - Returns: false when it is to be read again.
  private func end(with reading: Result<LoadedConfiguration, any Error>) -> Bool {
    state.withLock { state in
      guard !state.isAskedAgain else {
        state.isAskedAgain = false
        return false
      }
      state.isBusy = false
      state.result = reading
      return true
    }
  }

  /// What was read since the last time; `nil` for nothing.
  /// - Parameter limit: how long to wait for it.
  func take(atMost limit: Duration = .zero) -> Result<LoadedConfiguration, any Error>? {
    if limit > .zero, let done = state.withLock({ $0.done }) { _ = done.waitUntilWoken(atMost: limit) }
    return state.withLock { state in
      guard let result = state.result else { return nil }
      (state.result, state.done) = (nil, nil)
      return result
    }
  }
}
