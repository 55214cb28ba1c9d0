import Configuration
import Exporting
import Receiver

/// Events of the event platform: tests, AI models, and whatever else names an intake by its subdomain.
extension ProductRule {
  /// What clients may send along; `/info` lists it.
  static let eventHeaders = [
    "Content-Type", "Accept-Encoding", "Content-Encoding", "User-Agent", "DD-CI-PROVIDER-NAME", "DD-EVP-ORIGIN",
    "DD-EVP-ORIGIN-VERSION",
  ]

  /// One of the four versions, which differ only in what clients expect of the agent.
  static func events(_ version: Int, _ configuration: AgentConfiguration, _ sender: ProductSender) -> ProductRule {
    let settings = configuration.products
    let prefix = "/evp_proxy/v\(version)"
    return ProductRule(
      product: .events, paths: [.listed(prefix + "/")],
      intakes: intakes(settings.events, configuration, site: "https://\(configuration.site)"),
      timeout: settings.eventTimeout, bodyBytesMax: settings.eventBytesMax,
      depart: { (request) throws(ProductRefusal) in
        try events(request, prefix: prefix, applicationKey: settings.applicationKey, sender)
      })
  }

  /// Only what looks like a path of an intake is passed on, so that nobody uses the agent's key for anything else.
  private static func events(
    _ request: ProductRequest, prefix: String, applicationKey: APIKey?, _ sender: ProductSender
  ) throws(ProductRefusal) -> ProductDeparture {
    guard let subdomain = request.header("X-Datadog-EVP-Subdomain") else { throw invalid("no subdomain is named") }
    guard consists(subdomain, of: "-_.") else { throw invalid("the subdomain is none") }
    let path = String(request.path.dropFirst(prefix.count))
    guard consists(path, of: "/_-+") else { throw invalid("the path holds characters that are not passed on") }
    let query = request.arguments.flatMap { [$0.name, $0.value] }
    // A space stands for the plus sign that it came as.
    guard query.allSatisfy({ consists($0, of: "/_-+@?&=.:\"[] ") }) else {
      throw invalid("the query holds characters that are not passed on")
    }
    var headers = [sender.via]
    for name in eventHeaders {
      if let value = request.header(name) { headers.append(HTTPHeader(name, value)) }
    }
    headers += ProductHeaders.containerID(request.container) + ProductHeaders.containerTags(request.container)
    headers += [
      HTTPHeader("X-Datadog-Hostname", sender.hostname), HTTPHeader("X-Datadog-AgentDefaultEnv", sender.env),
    ]
    if request.header("X-Datadog-NeedsAppKey")?.lowercased() == "true" {
      guard let applicationKey else {
        throw ProductRefusal(
          status: 502, reason: .noApplicationKey, text: "an application key is needed, and none is set (app_key)")
      }
      headers.append(HTTPHeader("DD-APPLICATION-KEY", applicationKey.secret))
    }
    return ProductDeparture(
      subdomain: subdomain, path: path, arguments: request.arguments, headers: headers, body: request.body)
  }

  private static func invalid(_ text: String) -> ProductRefusal {
    ProductRefusal(status: 502, reason: .invalid, text: text)
  }

  /// Letters and digits of ASCII, and these.
  private static func consists(_ text: String, of others: String) -> Bool {
    text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: others.utf8.contains(byte)
      }
    }
  }
}
