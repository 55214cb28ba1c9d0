/// What is known only from the requests and connections of all receiving threads together.
struct SharedObservers: Sendable {
  let connections: ConnectionWatch
  let partialTraces = PartialTraceWatch()
  let missingStatistics = MissingStatistics()
  let errors: RecentErrors
  let badPayloads: BadPayloads
  let drops = DropNotices()
  /// Products that roost does not offer and that the log has named.
  let productsNamed = NotedClients()
  /// Clients of OpenTelemetry that the log has told of.
  let otlpClients = NotedClients()

  init(errors: RecentErrors, badPayloads: BadPayloads, clock: WallClock) {
    connections = ConnectionWatch(clock: clock)
    self.errors = errors
    self.badPayloads = badPayloads
  }
}
