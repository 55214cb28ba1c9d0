import Platform

/// Tells systemd how the service does, as `sd_notify(3)` describes it; does nothing where nobody asked for it.
package struct ServiceNotices: Sendable {
  private let socket: NotifySocket?
  /// How long the service manager waits for a sign of life before it starts the agent again; `nil` when it does not.
  let watchdogLimit: Duration?

  /// For an agent that no service manager has started.
  package static let none = ServiceNotices(environment: [:], processID: 0)

  /// - Parameters:
  ///   - environment: `NOTIFY_SOCKET` says where notices go, `WATCHDOG_USEC` and `WATCHDOG_PID` what is waited for.
  ///   - processID: of this process; a watchdog may be that of another one, whose variables it has inherited.
  package init(environment: [String: String], processID: Int32) {
    socket = environment["NOTIFY_SOCKET"].flatMap(NotifySocket.init)
    let isOurs = environment["WATCHDOG_PID"].map { $0 == "\(processID)" } ?? true
    let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
    watchdogLimit = socket != nil && isOurs && microseconds > 0 ? .microseconds(microseconds) : nil
  }

  /// How often a sign of life is due: thrice in the time that is waited for it, but at most ten times a second.
  var watchdogInterval: Duration? { watchdogLimit.map { max(.milliseconds(100), $0 / 3) } }

  /// What was asked for at the start, or by a reload, is done. `status` is shown by `systemctl status`.
  func ready(_ status: String) { socket?.send("READY=1\nSTATUS=\(status)") }

  /// The configuration is being read again; `ready` says when that is done.
  func reloading() {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    let microseconds = Int64(now.tv_sec) &* 1_000_000 &+ Int64(now.tv_nsec) / 1_000
    socket?.send("RELOADING=1\nMONOTONIC_USEC=\(microseconds)")
  }

  /// The agent has begun to end.
  func stopping() { socket?.send("STOPPING=1\nSTATUS=stopping") }

  /// A sign of life, for the watchdog of the service manager.
  func alive() { socket?.send("WATCHDOG=1") }
}
