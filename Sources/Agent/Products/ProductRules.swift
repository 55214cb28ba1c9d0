import Configuration
import Exporting
import Receiver

/// The table of products that are passed on: which paths, where to, with what. The facts are those of Datadog's
/// trace-agent.
extension ProductRule {
  /// All rules as configured, in the order of the trace-agent's `/info`. Products that are turned off have none.
  static func all(_ configuration: AgentConfiguration, _ sender: ProductSender) -> [ProductRule] {
    let products = configuration.products
    return [profiling(configuration, sender)]
      + (products.takesTelemetry ? [telemetry(configuration, sender)] : [])
      + [pipelineStatistics(configuration, sender)]
      + (products.takesLineage ? [lineage(configuration, sender)] : [])
      + (products.takesEvents ? (1...4).map { events($0, configuration, sender) } : [])
      + [
        debugger(
          ["/debugger/v1/input"], .debugger, configuration, products.debugger,
          "https://http-intake.logs.\(configuration.site)/api/v2/logs", sender),
        debugger(
          ["/debugger/v1/diagnostics", "/debugger/v2/input"], .debugger, configuration, products.debuggerDiagnostics,
          debuggerIntake(configuration), sender),
        debugger(
          ["/symdb/v1/input"], .symbols, configuration, products.symbols, debuggerIntake(configuration), sender),
        tracerFlare(configuration, sender),
      ]
  }

  private static func debuggerIntake(_ configuration: AgentConfiguration) -> String {
    "https://debugger-intake.\(configuration.site)/api/v2/debugger"
  }

  /// The intake that is set, else the site's, and the further ones; none without a key.
  static func intakes(
    _ settings: ProductIntakeSettings, _ configuration: AgentConfiguration, site: String
  ) -> [ProductIntake] {
    guard let key = settings.key ?? configuration.apiKey else { return [] }
    return [ProductIntake(address: settings.url?.text ?? site, key: key.secret)]
      + settings.additional.map { ProductIntake(address: $0.url.text, key: $0.key.secret) }
  }

  /// What intakes of profiles, lineage and data streams are told besides what the client sent.
  fileprivate static func tagged(_ request: ProductRequest, _ sender: ProductSender) -> ProductDeparture {
    let added =
      [sender.via, HTTPHeader("X-Datadog-Additional-Tags", sender.tags)]
      + ProductHeaders.containerTags(request.container)
    return ProductDeparture(
      arguments: request.arguments, headers: ProductHeaders.passedOn(request.headers, adding: added),
      body: request.body)
  }

  private static func profiling(_ configuration: AgentConfiguration, _ sender: ProductSender) -> ProductRule {
    ProductRule(
      product: .profiling, paths: [.listed("/profiling/v1/input")],
      intakes: intakes(
        configuration.products.profiling, configuration,
        site: "https://intake.profile.\(configuration.site)/api/v2/profile"),
      timeout: configuration.products.profilingTimeout, attemptsMax: 3, turnsAcceptedIntoOK: true,
      depart: { (request) throws(ProductRefusal) in tagged(request, sender) })
  }

  /// To where traces go: data streams are counted beside them.
  private static func pipelineStatistics(
    _ configuration: AgentConfiguration, _ sender: ProductSender
  ) -> ProductRule {
    let path = "/api" + ServedRoutes.pipelineStatisticsPath
    let intakes = configuration.apiKey.map { key in
      [ProductIntake(address: configuration.traceIntakeURL.text + path, key: key.secret)]
        + configuration.additionalEndpoints.map { ProductIntake(address: $0.url.text + path, key: $0.key.secret) }
    }
    return ProductRule(
      product: .dataStreams, paths: [.listed(ServedRoutes.pipelineStatisticsPath)], intakes: intakes ?? [],
      depart: { (request) throws(ProductRefusal) in tagged(request, sender) })
  }

  private static func lineage(_ configuration: AgentConfiguration, _ sender: ProductSender) -> ProductRule {
    let settings = configuration.products.lineage
    func intake(_ url: HTTPURL, _ key: APIKey) -> ProductIntake {
      let domain = url.host + (url.port.map { ":\($0)" } ?? "")
      return ProductIntake(
        address: url.isDomain ? "https://data-obs-intake.\(domain)/api/v1/lineage" : url.text, key: key.secret,
        keyHeader: .bearer)
    }
    var intakes: [ProductIntake] = []
    if let key = settings.key ?? configuration.apiKey {
      let site = "https://data-obs-intake.\(configuration.site)/api/v1/lineage"
      intakes = [
        settings.url.map { intake($0, key) } ?? ProductIntake(address: site, key: key.secret, keyHeader: .bearer)
      ]
      intakes += settings.additional.map { intake($0.url, $0.key) }
    }
    let version = configuration.products.lineageVersion
    let query = version < 2 ? [] : [Request.Field("api-version", "\(version)")]
    return ProductRule(
      product: .lineage, paths: [.listed("/openlineage/api/v1/lineage")], intakes: intakes,
      depart: { (request) throws(ProductRefusal) in
        var departure = tagged(request, sender)
        // What the client asks for besides is no business of the intake.
        departure.arguments = query
        return departure
      })
  }
}
