/// How many traces are kept, and by what.
package struct SamplingConfiguration: Sendable {
  /// Traces a second with automatic priority, and as many without priority.
  package var targetTPS = 10.0
  /// Traces a second with errors that are kept beyond that; 0 turns it off.
  package var errorTPS = 10.0
  package var extraRate = 1.0
  package var catalogEntriesMax = 5_000
  package var agentEnv = "none"
  /// Feature `error_rare_sample_tracer_drop`: traces that a rule or rate of the tracer dropped are looked at as well;
  /// only those that a person dropped by hand (`_dd.p.dm` is `-4`) are not.
  package var looksAtTracerDrops = false
  /// Keeps traces with rare spans that the other samplers would drop; nil keeps none.
  package var rare: RareSamplerConfiguration?
  /// Takes the place of the samplers by priority where it is not nil.
  package var probabilistic: ProbabilisticSamplerConfiguration?
  /// Error Tracking without tracing: only traces with errors are kept.
  package var keepsErrorsOnly = false
  package var events = EventConfiguration()

  package init() {}
}
