/// Why a request is not answered.
package enum Refusal: Sendable, Equatable {
  /// The method is neither `GET` nor `HEAD`.
  case method
  /// The request announces a body.
  case body
  /// `Host` is missing, there twice, or names somebody else.
  case host
  /// Another site made the browser ask.
  case foreignSite

  /// The HTTP status of the answer.
  package var status: UInt16 {
    switch self {
    case .method: 405
    case .body: 413
    case .host, .foreignSite: 403
    }
  }

  /// A word for programs, and a sentence for people.
  package var text: (code: String, message: String) {
    switch self {
    case .method: ("method", "only GET and HEAD are answered here")
    case .body: ("body", "a request with a body is not taken")
    case .host:
      ("host", "this page answers only to localhost and the address it was started with; see local.web")
    case .foreignSite: ("foreign_site", "a page of another site asked for this, and gets nothing")
    }
  }
}

/// Decides whether a request may be answered at all: the page shows what apps do, to whoever sits at this machine and to
/// no site that their browser visits.
package struct RequestGuard: Sendable {
  private let hosts: PageHosts

  /// A guard that knows by which names the page may be asked for.
  package init(hosts: PageHosts) { self.hosts = hosts }

  /// `nil` when the request may be answered.
  package func refusal(of head: RequestHead) -> Refusal? {
    guard head.method == "GET" || head.method == "HEAD" else { return .method }
    if head.hasBody { return .body }
    guard let host = head.hosts.first, head.hosts.count == 1, hosts.contains(host) else { return .host }
    if let origin = head.origin, !isOwn(origin, host) { return .foreignSite }
    return isForeignFetch(head) ? .foreignSite : nil
  }

  /// `Origin` is only sent where a script asked; the page's own has the same host and port.
  private func isOwn(_ origin: String, _ host: String) -> Bool {
    origin.lowercased() == "http://\(host.lowercased())"
  }

  /// A link on another site may open the page in a tab of its own, where that site cannot look into it. It may not
  /// load anything else, such as an answer of the API as if that were an image.
  private func isForeignFetch(_ head: RequestHead) -> Bool {
    guard let site = head.fetchSite, site != "same-origin", site != "none" else { return false }
    let isTab = head.fetchMode == "navigate" && head.fetchDestination == "document"
    // An address that cannot be read is no page.
    return !isTab || head.target?.isOfAPI ?? true
  }
}
