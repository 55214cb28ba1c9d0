import Configuration
import Exporting
import Receiver

/// Tracer flares: archives of a tracer's logs and settings that a user sends to Datadog's support.
extension ProductRule {
  static func tracerFlare(_ configuration: AgentConfiguration, _ sender: ProductSender) -> ProductRule {
    let intake = configuration.apiKey.map { key in
      ProductIntake(
        address: "https://" + flareHost(site: configuration.site, version: sender.version)
          + "/api/ui/support/serverless/flare", key: key.secret)
    }
    return ProductRule(
      product: .tracerFlare, paths: [.listed("/tracer_flare/v1")], intakes: intake.map { [$0] } ?? [],
      timeout: .seconds(30),
      depart: { (request) throws(ProductRefusal) in
        ProductDeparture(
          arguments: request.arguments,
          headers: ProductHeaders.passedOn(request.headers, adding: [sender.via]), body: request.body)
      })
  }

  /// The host that takes flares of a version: `7-50-0-flare.datadoghq.com`, and `7-50-0-flare.us3.datadoghq.com` for a site
  /// with a name of its own. A leading `app.` gives way; without a version the site's `app.` is asked.
  static func flareHost(site: String, version: String) -> String {
    let site = site.hasPrefix("app.") ? String(site.dropFirst(4)) : site
    let numbers = version.prefix { $0.isNumber || $0 == "." }.split(separator: ".")
    guard numbers.count >= 3 else { return "app.\(site)" }
    return numbers.prefix(3).joined(separator: "-") + "-flare.\(site)"
  }
}
