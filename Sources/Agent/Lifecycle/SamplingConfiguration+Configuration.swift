import Configuration
import Sampling

extension SamplingConfiguration {
  /// - Parameter env: of the agent, normalized.
  init(_ configuration: AgentConfiguration, env: String) {
    self.init()
    targetTPS = configuration.targetTPS
    errorTPS = configuration.errorTPS
    extraRate = configuration.extraSampleRate
    catalogEntriesMax = configuration.maxCatalogEntries
    agentEnv = env
    looksAtTracerDrops = configuration.features.contains("error_rare_sample_tracer_drop")
    keepsErrorsOnly = configuration.errorTrackingStandalone
    if configuration.rareSamplerEnabled {
      var rare = RareSamplerConfiguration()
      rare.tps = configuration.rareSamplerTPS
      rare.cooldownSeconds = configuration.rareSamplerCooldown.components.seconds
      rare.kindsMax = configuration.rareSamplerCardinality
      self.rare = rare
    }
    if configuration.probabilisticSamplerEnabled {
      probabilistic = ProbabilisticSamplerConfiguration(
        percentage: configuration.probabilisticSamplerPercentage,
        seed: UInt32(clamping: configuration.probabilisticSamplerSeed),
        usesWholeTraceID: configuration.features.contains("probabilistic_sampler_full_trace_id"))
    }
    events.spanRates = configuration.analyzedSpans.map(SpanRate.init)
    events.serviceRates = configuration.analyzedServices.map(SpanRate.init)
    events.eventsPerSecond = configuration.maxEPS
  }
}

extension SpanRate {
  fileprivate init(_ named: NamedRate) {
    self.init(service: named.service, operation: named.operation, rate: named.rate)
  }
}
