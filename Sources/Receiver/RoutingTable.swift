import Platform

/// One row of the routing table: which requests, and what the agent calls it.
package struct Endpoint<Identifier: Sendable>: Sendable {
  /// A path such as `/v0.4/traces`. One that ends in `/` stands for everything below it, `/evp_proxy/v4/` for example.
  package var pattern: String
  package var identifier: Identifier

  package init(_ pattern: String, _ identifier: Identifier) {
    self.pattern = pattern
    self.identifier = identifier
  }
}

/// Where a request goes: to an endpoint, or back.
package enum Route<Identifier: Sendable>: Sendable {
  case endpoint(Identifier)
  /// Nobody handles it: send this.
  case refused(Answer)
}

/// Finds the endpoint of a request by its path. Looking up allocates nothing and costs one comparison of lengths a row.
package struct RoutingTable<Identifier: Sendable>: Sendable {
  private let paths: PathPatterns
  private let identifiers: [Identifier]
  private let notFound: Answer
  private let crossSite: Answer

  /// - Parameter headers: added to the answers that the table gives itself.
  package init(_ endpoints: [Endpoint<Identifier>], headers: [AnswerHeader] = []) {
    identifiers = endpoints.map(\.identifier)
    paths = PathPatterns(endpoints.map(\.pattern))
    notFound = Answer(status: 404, text: "404 page not found\n", headers: headers)
    crossSite = Answer(status: 403, text: "cross-site request rejected", headers: headers)
  }

  /// The endpoint for the path, an exact row before a prefix and a longer prefix before a shorter; 404 when there is
  /// none, and 403 for what a web page made a browser send, whatever the path.
  package func route(_ request: borrowing Request) -> Route<Identifier> {
    if request.headers.isFromWebPage { return .refused(crossSite) }
    guard let row = paths.find(request.path) else { return .refused(notFound) }
    return .endpoint(identifiers[row])
  }

  /// The endpoint for a path, `nil` when there is none.
  package func identifier(for path: UnsafeRawBufferPointer) -> Identifier? {
    paths.find(path).map { identifiers[$0] }
  }
}

/// The patterns of a table, laid out for comparing.
struct PathPatterns: Sendable {
  private let patterns: [[UInt8]]

  init(_ patterns: [String]) { self.patterns = patterns.map { Array($0.utf8) } }

  /// The row that fits best, or `nil`.
  func find(_ path: UnsafeRawBufferPointer) -> Int? {
    var best: Int?
    var bestLength = 0
    for row in patterns.indices {
      let length = patterns[row].count
      let isPrefix = patterns[row].last == UInt8(ascii: "/")
      guard length == path.count || (isPrefix && length < path.count && length > bestLength) else { continue }
      let isSame = patterns[row].withUnsafeBytes { pattern in
        guard let pattern = pattern.baseAddress, let path = path.baseAddress else { return length == 0 }
        return memcmp(pattern, path, length) == 0
      }
      guard isSame else { continue }
      if length == path.count { return row }
      best = row
      bestLength = length
    }
    return best
  }
}
