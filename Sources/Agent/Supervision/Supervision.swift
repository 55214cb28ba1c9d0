import Configuration

/// What others watch the agent by: probes on the health port, and the service manager with its watchdog.
struct Supervision {
  private let health: AgentHealth
  private let notices: ServiceNotices
  private let server: HealthServer?
  private let pidFile: PIDFile?
  /// What the service manager shows of the service.
  private let status: String
  private var lastSign: ContinuousClock.Instant?

  /// To be made when the agent listens. An agent whose health port is taken is better than none.
  /// - Parameters:
  ///   - pidPath: where the process number is left while the agent runs; `nil` for nowhere.
  ///   - listeners: where traces are taken, as text.
  init(healthPort: Int, pidPath: String?, notices: ServiceNotices, listeners: [String], log: Log) {
    let health = AgentHealth()
    self.health = health
    self.notices = notices
    status = listeners.isEmpty ? "takes no traces" : "listening on \(listeners.joined(separator: ", "))"
    health.setListening(true)
    server = UInt16(exactly: healthPort).flatMap { $0 > 0 ? Self.open(port: $0, health, log) : nil }
    pidFile = pidPath.flatMap { PIDFile(path: $0, log: log) }
    notices.ready(status)
  }

  private static func open(port: UInt16, _ health: AgentHealth, _ log: Log) -> HealthServer? {
    do {
      let server = try HealthServer(port: port, health: health)
      log.info("probes are answered on port \(port): /live, /ready")
      return server
    } catch {
      log.warn("health_port has no effect: \(error)")
      return nil
    }
  }

  /// How long the main loop may sleep, so that a sign of life comes when it is due.
  var sleepLimit: Duration { min(.seconds(1), notices.watchdogInterval ?? .seconds(1)) }

  /// To be called once in each round of the main loop.
  /// - Parameter areThreadsFree: whether the receiving threads get to the end of their requests; asked only where somebody
  ///   watches.
  mutating func look(areThreadsFree: () -> Bool) {
    guard server != nil || notices.watchdogInterval != nil else { return }
    health.see(areThreadsFree: areThreadsFree())
    guard let interval = notices.watchdogInterval, lastSign.map({ .now - $0 >= interval }) ?? true, health.isAlive
    else {
      return
    }
    lastSign = .now
    notices.alive()
  }

  /// Says that the configuration is read again, while it is.
  func reloading(_ reload: () -> Void) {
    notices.reloading()
    reload()
    notices.ready(status)
  }

  /// The agent has begun to end: it is alive, and not ready any more.
  func beginStop() {
    health.setListening(false)
    notices.stopping()
  }

  /// Closes the health port and removes the file of the process number, as the last thing that the agent does.
  func stop() {
    server?.stop()
    pidFile?.remove()
  }
}
