/// What the guard and the routes look at of a request.
package struct RequestHead: Sendable, Equatable {
  /// As it was sent: `GET`.
  package var method: String
  /// What the target of the request line means. Guard and routes both go by this; `nil` for what no browser sends.
  package var target: PageTarget?
  /// Values of `Host`, in the order in which they came; there should be one.
  package var hosts: [String]
  /// `nil` when the browser sent none, as for a page that is typed or asked for from the page itself.
  package var origin: String?
  /// `Sec-Fetch-Site`: from where a browser was led to make the request.
  package var fetchSite: String?
  /// `Sec-Fetch-Mode`: `navigate` for a page that is opened in a tab.
  package var fetchMode: String?
  /// `Sec-Fetch-Dest`: `document` for a page that is opened in a tab, and not in a frame.
  package var fetchDestination: String?
  /// `If-None-Match`: the version of the file that the browser has.
  package var knownVersion: String?
  /// Whether a body was announced, which nothing here takes.
  package var hasBody: Bool

  /// A request without any header unless some are given.
  /// - Parameter target: as it stands in the request line, with its query.
  package init(
    method: String = "GET", target: String, hosts: [String] = [], origin: String? = nil, fetchSite: String? = nil,
    fetchMode: String? = nil, fetchDestination: String? = nil, knownVersion: String? = nil, hasBody: Bool = false
  ) {
    self.method = method
    self.target = PageTarget(target)
    self.hosts = hosts
    self.origin = origin
    self.fetchSite = fetchSite
    self.fetchMode = fetchMode
    self.fetchDestination = fetchDestination
    self.knownVersion = knownVersion
    self.hasBody = hasBody
  }
}
