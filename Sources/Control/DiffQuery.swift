/// Two selections of statistics to be compared with each other.
package struct DiffQuery: Sendable, Equatable, Codable {
  /// The first side, usually what was before.
  package var a: DiffSelection
  /// The second side, usually what is now.
  package var b: DiffSelection
  /// Whether hits are compared by their rate; else by their share of all hits of the service.
  package var comparesRates: Bool
  /// As spans name it, after normalizing; `nil` is every service but that of `roost send-test`.
  package var service: String?
  /// Only this environment; `nil` is all of them.
  package var env: String?
  /// False compares only service-entry (top-level) spans.
  package var allSpans: Bool

  /// Service-entry spans of all services unless it says otherwise.
  package init(
    a: DiffSelection, b: DiffSelection, comparesRates: Bool, service: String? = nil, env: String? = nil,
    allSpans: Bool = false
  ) {
    self.a = a
    self.b = b
    self.comparesRates = comparesRates
    self.service = service
    self.env = env
    self.allSpans = allSpans
  }
}

/// A part of the statistics that are kept.
package struct DiffSelection: Sendable, Equatable, Codable {
  /// As a person typed it; it comes back in the answer.
  package var name: String
  /// From where on, ns since 1970, in whole steps; `nil` is as far back as they reach.
  package var sinceNs: Int64?
  /// Up to where, ns since 1970, in whole steps; `nil` is up to now.
  package var untilNs: Int64?
  /// Only hits of this version of the app; `nil` is of all.
  package var version: String?

  /// Everything that is kept unless it is narrowed.
  package init(name: String, sinceNs: Int64? = nil, untilNs: Int64? = nil, version: String? = nil) {
    self.name = name
    self.sinceNs = sinceNs
    self.untilNs = untilNs
    self.version = version
  }
}
