import Configuration
import Platform
import Synchronization

/// Reads the configuration again when somebody asks for it, or when secrets in it may have changed, and has the agent take
/// it over.
struct ConfigurationWatch {
  private let read: (@Sendable () throws -> LoadedConfiguration)?
  private var reload: ConfigurationReload
  private var refresh: SecretRefresh
  private let background = BackgroundReading()
  /// A program has to be asked for secrets, which may take long.
  private let hasSecrets: Bool
  private let log: Log

  /// - Parameter read: `nil` when the configuration cannot change.
  init(
    _ loaded: LoadedConfiguration, read: (@Sendable () throws -> LoadedConfiguration)?, reload: ConfigurationReload,
    log: Log
  ) {
    self.read = read
    self.reload = reload
    self.log = log
    hasSecrets = !loaded.secretOptions.isEmpty
    refresh = SecretRefresh(
      loaded.value.secrets, hasSecrets: hasSecrets, now: .now, share: Double.random(in: 0...1))
  }

  /// To be called in each round of the main loop.
  /// - Parameters:
  ///   - isAsked: SIGHUP has come.
  ///   - isKeyRefused: whether an intake refuses its key.
  mutating func look(isAsked: Bool, isKeyRefused: () -> Bool) {
    guard let read else { return }
    if isAsked {
      guard hasSecrets else { return reload.take(Result { try read() }) }
      background.begin(read)
    } else if hasSecrets, refresh.isDue(.now, isKeyRefused: isKeyRefused) {
      log.info("asking for secrets anew")
      background.begin(read)
    }
    if let reading = background.take() { reload.take(reading) }
  }
}

/// Reads the configuration on a thread of its own: the program that is asked for secrets may take half a minute, and the
/// main loop has to give signs of life.
final class BackgroundReading: Sendable {
  private let result = Lock<Result<LoadedConfiguration, any Error>?>(nil)
  private let isBusy = Atomic<Bool>(false)

  /// Begins to read, unless that is under way.
  func begin(_ read: @escaping @Sendable () throws -> LoadedConfiguration) {
    guard !isBusy.exchange(true, ordering: .acquiringAndReleasing) else { return }
    do {
      try JoinableThread(name: "roost-secrets") { [self] in
        let reading = Result { try read() }
        result.withLock { $0 = reading }
        isBusy.store(false, ordering: .releasing)
      }.detach()
    } catch {
      result.withLock { $0 = .failure(error) }
      isBusy.store(false, ordering: .releasing)
    }
  }

  /// What was read since the last time; `nil` for nothing.
  func take() -> Result<LoadedConfiguration, any Error>? {
    result.withLock { result in
      defer { result = nil }
      return result
    }
  }
}
