/// Where the requests of other products than tracing go, and whether they are taken at all.
package struct ProductSettings: Sendable, Equatable {
  /// Where profiles of programs go.
  package var profiling = ProductIntakeSettings()
  /// How long a profile may take to arrive and to be answered.
  package var profilingTimeout = Duration.seconds(5)
  /// Whether telemetry of tracers is taken.
  package var takesTelemetry = true
  /// Where telemetry of tracers goes.
  package var telemetry = ProductIntakeSettings()
  /// Logs and snapshots of dynamic instrumentation.
  package var debugger = ProductIntakeSettings()
  /// What dynamic instrumentation says of its probes, and its snapshots in the newer form.
  package var debuggerDiagnostics = ProductIntakeSettings()
  /// Symbols of programs, for dynamic instrumentation.
  package var symbols = ProductIntakeSettings()
  /// Whether events are taken: those of tests, of AI models and others.
  package var takesEvents = true
  /// Events. The address is that of a site, before which the client's subdomain is put.
  package var events = ProductIntakeSettings()
  /// What clients of the event platform need that read as a user of Datadog; nil: such requests are refused.
  package var applicationKey: APIKey?
  /// Largest body of events in bytes.
  package var eventBytesMax = 10_000_000
  /// How long events may take to be answered.
  package var eventTimeout = Duration.seconds(30)
  /// Whether reports of OpenLineage are taken.
  package var takesLineage = true
  /// Lineage. The address is that of a site, or the whole one of an intake.
  package var lineage = ProductIntakeSettings()
  /// Sent with lineage as `api-version` from 2 on.
  package var lineageVersion = 0
  /// Whether clients that ask for remote configuration are answered.
  package var answersRemoteConfiguration = true

  /// What the agent does when nothing is configured.
  package init() {}
}

/// What can be set of one product's intake.
package struct ProductIntakeSettings: Sendable, Equatable {
  /// In place of the site's; nil when not set.
  package var url: HTTPURL?
  /// In place of the agent's; nil when not set.
  package var key: APIKey?
  /// Intakes that get everything too, and whose answers nobody hears.
  package var additional: [IntakeEndpoint] = []

  /// All of it as the site has it.
  package init() {}
}
