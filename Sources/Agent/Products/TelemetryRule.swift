import Configuration
import Exporting
import Receiver

/// Telemetry of tracers: answered at once, sent on behind it.
extension ProductRule {
  private static let telemetryPrefix = "/telemetry/proxy"

  static func telemetry(_ configuration: AgentConfiguration, _ sender: ProductSender) -> ProductRule {
    ProductRule(
      product: .telemetry, paths: [.listed(telemetryPrefix + "/")],
      intakes: intakes(
        configuration.products.telemetry, configuration,
        site: "https://instrumentation-telemetry-intake.\(configuration.site)"),
      timeout: .seconds(10), answersAtOnce: true,
      depart: { (request) throws(ProductRefusal) in
        let path = String(request.path.dropFirst(telemetryPrefix.utf8.count))
        guard !path.split(separator: "/").contains("..") else {
          throw ProductRefusal(status: 400, reason: .invalid, text: "the path leaves the intake's")
        }
        let added =
          [sender.via, HTTPHeader("DD-Agent-Hostname", sender.hostname), HTTPHeader("DD-Agent-Env", sender.env)]
          + sender.installation + ProductHeaders.containerID(request.container)
          + ProductHeaders.containerTags(request.container)
        return ProductDeparture(
          path: path, arguments: request.arguments,
          headers: ProductHeaders.passedOn(request.headers, adding: added), body: body(request, path))
      })
  }

  /// What an injector says of the program that it was loaded into holds that program's command line.
  private static func body(_ request: ProductRequest, _ path: String) -> [UInt8] {
    guard path == "/api/v2/apmtelemetry", request.header("DD-Telemetry-Request-Type") == "injection-metadata" else {
      return request.body
    }
    return InjectionMetadata.scrubbed(request.body)
  }
}
