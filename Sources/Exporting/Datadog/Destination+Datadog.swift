/// A Datadog intake as a destination.
extension Destination {
  /// The bounds of Datadog's trace-agent: 5 requests at once, 24 MiB of traces, 8 MiB of statistics.
  package static let datadogLanes: [OutgoingPayload.Kind: LaneLimits] = [
    .traces: LaneLimits(queueBytesMax: 24 << 20), .stats: LaneLimits(queueBytesMax: 8 << 20),
  ]

  /// An intake that takes traces and statistics and is opened by a key.
  ///
  /// The Datadog trace-agent calls itself `Datadog Trace Agent/VERSION/COMMIT`, and some intakes look at that; without
  /// the last part when the commit is not known.
  ///
  /// - Throws: `ForwarderError.badURL`, or `.badKey` when the key is empty or holds a character that no key has. Neither
  ///   repeats the key.
  package static func datadog(
    baseURL: String, apiKey: String, version: String, commit: String
  ) throws(ForwarderError) -> Destination {
    let userAgent = ["Datadog Trace Agent", version, commit].filter { !$0.isEmpty }.joined(separator: "/")
    let key = HTTPHeader("DD-Api-Key", apiKey)
    let destination = try Destination(baseURL: baseURL, userAgent: userAgent, takes: datadogLanes)
    guard key.isValid, !apiKey.utf8.contains(UInt8(ascii: " ")) else { throw .badKey(destination: destination.label) }
    return try Destination(baseURL: baseURL, headers: [key], userAgent: userAgent, takes: datadogLanes)
  }
}
