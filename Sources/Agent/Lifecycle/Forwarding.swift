import Configuration
import Exporting

/// Sets forwarding up as configured, or says once why there is none.
enum Forwarding {
  static let offReason = "no API key (set DD_API_KEY)"

  static func start(
    _ configuration: AgentConfiguration, build: BuildIdentity, accounting: DeliveryAccounting, log: Log,
    errors: RecentErrors,
    _ clock: WallClock
  ) throws(AgentStartError) -> Forwarder? {
    guard let key = configuration.apiKey else {
      log.info("no API key: nothing is forwarded, everything local works. Set DD_API_KEY or api_key to forward")
      return nil
    }
    do {
      let endpoint = try Endpoint(baseURL: configuration.traceIntakeURL.text, apiKey: key.secret)
      var settings = ForwarderConfiguration(
        endpoints: [endpoint], version: build.version, commit: build.commit)
      settings.connectionsMax = [
        .traces: configuration.traceWriter.connectionLimit, .stats: configuration.statsWriter.connectionLimit,
      ]
      settings.queueBytesMax = [
        .traces: configuration.traceWriter.queueBytesMax, .stats: configuration.statsWriter.queueBytesMax,
      ]
      settings.retry.retriesMax = configuration.maxSenderRetries
      settings.connectionAgeMax = configuration.connectionResetInterval
      settings.skipsCertificateCheck = configuration.skipSSLValidation
      settings.proxy.http = configuration.proxy.http?.text
      settings.proxy.https = configuration.proxy.https?.text
      settings.proxy.noProxy = configuration.proxy.noProxy
      let forwarder = try Forwarder(
        configuration: settings, onOutcome: { summary, outcome in accounting.record(summary, outcome) },
        onNotice: { notice in
          log.warn("\(notice)")
          errors.add("\(notice)", atNs: clock.nowNs)
        })
      log.info("forwarding to \(endpoint.label)")
      return forwarder
    } catch {
      throw .forwarder(error)
    }
  }
}
