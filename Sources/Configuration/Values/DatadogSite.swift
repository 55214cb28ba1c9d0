/// Mistakes in the domain of a Datadog site: the address in the browser is pasted, or that of another service.
enum DatadogSite {
  /// What the domains of all sites end in.
  private static let ends = ["datadoghq.com", "datadoghq.eu", "ddog-gov.com"]

  /// The site that a text is a host name or URL of, when it is not the bare domain: `datadoghq.eu` for
  /// `https://app.datadoghq.eu/apm`. Nil for a bare domain, and for domains of others.
  static func meant(by text: String) -> String? {
    var rest = text.lowercased()[...]
    if let scheme = rest.firstRange(of: "://") { rest = rest[scheme.upperBound...] }
    let host = rest.prefix { $0 != "/" && $0 != ":" && $0 != "?" && $0 != "#" }
    guard let end = ends.first(where: { host == $0 || host.hasSuffix(".\($0)") }) else { return nil }
    // A site has one label before its domain, a region: `us5`. The last label that is a region is the site's.
    let labels = host.dropLast(end.utf8.count).split(separator: ".")
    let region = labels.last.flatMap { isRegion($0) ? "\($0)." : nil } ?? ""
    let site = region + end
    return site == text.lowercased() ? nil : site
  }

  /// `us3`, `us5`, `ap1`, `eu2`: two letters and a number. Services have other names: `app`, `trace.agent`, `api`.
  private static func isRegion(_ label: Substring) -> Bool {
    label.utf8.count >= 3 && label.prefix(2).allSatisfy { $0.isASCII && $0.isLetter }
      && label.dropFirst(2).allSatisfy { $0.isASCII && $0.isNumber }
  }
}
