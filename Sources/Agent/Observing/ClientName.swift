import Receiver
import Scrubbing

/// What a client calls itself in a request, in one short text.
enum ClientName {
  /// More than is shown. Only whole words are kept: a secret that is cut off in its middle would not be known for one.
  private static let bytesMax = 512

  /// `python 4.16.0` as the tracer says (telemetry has headers of its own for it), else its `User-Agent`, else empty.
  static func of(_ client: ClientIdentity, _ headers: RequestHeaders) -> String {
    let language = client.language ?? headers[.clientLibraryLanguage]
    let version = client.tracerVersion ?? headers[.clientLibraryVersion]
    let parts = [language, version].compactMap { $0.map(text) }.filter { !$0.isEmpty }
    return parts.isEmpty ? headers[.userAgent].map(text) ?? "" : parts.joined(separator: " ")
  }

  /// Programs with which a person looks at the agent; what they do says nothing about an app.
  static func isLookedAtByHand(_ headers: RequestHeaders) -> Bool {
    guard let agent = headers[.userAgent] else { return false }
    return ["roost", "curl/", "Wget/", "Mozilla/", "HTTPie/"].contains { agent.starts(with: $0.utf8) }
  }

  /// Other people's bytes: repaired and bounded. Secrets are still in it; `ClientIssueTable` removes them.
  static func text(_ bytes: UnsafeRawBufferPointer) -> String {
    Scrubber.beginning(of: bytes, bytesMax: bytesMax)
  }
}

extension PeerIdentity {
  /// Where a client is, for a detail: `pid 812`, `10.0.0.7`; empty for a TCP client of this machine.
  var place: String {
    switch self {
    case .loopback, .unknown: ""
    case .unix(let pid, _): pid > 0 ? "pid \(pid)" : ""
    case .address: String(description[..<(description.lastIndex(of: ":") ?? description.endIndex)])
    }
  }
}
