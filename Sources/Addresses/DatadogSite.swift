/// The domains of Datadog's sites, and mistakes in them: the address in the browser is pasted, or that of a service.
package enum DatadogSite {
  /// The sites that there are; a new one may be missing here.
  package static let known = [
    "datadoghq.com", "datadoghq.eu", "us5.datadoghq.com", "us3.datadoghq.com", "ap1.datadoghq.com",
    "ap2.datadoghq.com", "ddog-gov.com", "us2.ddog-gov.com",
  ]
  /// What the domains of all sites end in.
  private static let ends = ["datadoghq.com", "datadoghq.eu", "ddog-gov.com"]
  /// Labels before a site's domain that name a service of Datadog.
  private static let services = ["app", "www", "api", "trace", "agent", "intake", "docs", "logs"]

  /// The site that a text is a host name or URL of, when it is not the bare domain: `datadoghq.eu` for
  /// `https://app.datadoghq.eu/apm`. Nil for a bare domain, also of a site that is not known, and for domains of others.
  package static func meant(by text: String) -> String? {
    guard let (labels, end) = parts(text) else { return nil }
    let isBare = host(text) == text.lowercased()
    if isBare, labels.isEmpty { return nil }
    if isBare, labels.count == 1, let label = labels.first, !services.contains(String(label)) { return nil }
    return site(labels, end)
  }

  /// The site of a host name or URL of Datadog, bare or not; nil for those of others.
  package static func site(of text: String) -> String? { parts(text).map { site($0.labels, $0.end) } }

  /// The site of Datadog's intake of traces that a URL is of; nil for other intakes.
  package static func site(ofTraceIntake url: String) -> String? {
    let prefix = "https://trace.agent."
    guard url.hasPrefix(prefix), parts(url) != nil else { return nil }
    return String(host(url).dropFirst("trace.agent.".utf8.count))
  }

  /// Whether a bare domain is one of Datadog's, and none that is known to be a site.
  package static func isUnknown(_ site: String) -> Bool { parts(site) != nil && !known.contains(site) }

  private static func host(_ text: String) -> String {
    var rest = text.lowercased()[...]
    if let scheme = rest.firstRange(of: "://") { rest = rest[scheme.upperBound...] }
    return String(rest.prefix { $0 != "/" && $0 != ":" && $0 != "?" && $0 != "#" })
  }

  private static func parts(_ text: String) -> (labels: [Substring], end: String)? {
    let host = host(text)
    guard let end = ends.first(where: { host == $0 || host.hasSuffix(".\($0)") }) else { return nil }
    return (host.dropLast(end.utf8.count).split(separator: "."), end)
  }

  /// A site has one label before its domain, a region: `us5`. The last label that is a region is the site's.
  private static func site(_ labels: [Substring], _ end: String) -> String {
    (labels.last.flatMap { isRegion($0) ? "\($0)." : nil } ?? "") + end
  }

  /// `us3`, `us5`, `ap1`, `us3-fed`: two letters and a number, and perhaps more behind a hyphen. Services have other
  /// names: `app`, `trace.agent`, `api`.
  private static func isRegion(_ label: Substring) -> Bool {
    let place = label.prefix { $0 != "-" }
    return place.utf8.count >= 3 && place.prefix(2).allSatisfy { $0.isASCII && $0.isLetter }
      && place.dropFirst(2).allSatisfy { $0.isASCII && $0.isNumber }
  }
}
