import Configuration
import Receiver

/// Where the products' requests go within the agent: rows for `ServedRoutes`.
struct ProductRoutes: Sendable {
  /// Those that Datadog's `/info` has before statistics of tracers, and the rest; in its order.
  var beforeStatistics: [ServedRoutes.Row] = []
  var rest: [ServedRoutes.Row] = []

  /// An agent without any products.
  init() {}

  init(_ configuration: AgentConfiguration, _ services: ProductServices) {
    var flare: ServedRoutes.Row?
    for (place, rule) in services.rules.all.enumerated() {
      let endpoint = ForwardedProduct(rule.product, place: place, services)
      switch rule.product {
      case .profiling: beforeStatistics.append(.init(rule.paths, .product(endpoint)))
      case .telemetry:
        beforeStatistics.append(.init(rule.paths, .product(TelemetryReceiver(endpoint, services))))
      case .tracerFlare: flare = .init(rule.paths, .product(endpoint))
      default: rest.append(.init(rule.paths, .product(endpoint)))
      }
    }
    rest.append(
      .init(DogStatsDRelay.paths.map { .listed($0) }, .product(DogStatsDRelay(configuration, services))))
    if let flare { rest.append(flare) }
    if configuration.products.answersRemoteConfiguration {
      rest.append(.init([.listed(ServedRoutes.remoteConfigurationPath)], .product(RemoteConfiguration(services))))
    }
    rest += Self.turnedOff(configuration, services)
  }

  private static func turnedOff(
    _ configuration: AgentConfiguration, _ services: ProductServices
  ) -> [ServedRoutes.Row] {
    var rows: [ServedRoutes.Row] = []
    if !configuration.products.takesEvents {
      let endpoint = TurnedOffProduct(
        product: .events, status: 405, text: "EVPProxy is disabled: evp_proxy_config.enabled is false",
        services: services)
      rows.append(.init((1...4).map { .hidden("/evp_proxy/v\($0)/") }, .product(endpoint)))
    }
    if !configuration.products.takesLineage {
      let endpoint = TurnedOffProduct(
        product: .lineage, status: 500, text: "OpenLineage forwarder is OFF: ol_proxy_config.enabled is false",
        services: services)
      rows.append(.init([.hidden("/openlineage/api/v1/lineage")], .product(endpoint)))
    }
    return rows
  }
}
