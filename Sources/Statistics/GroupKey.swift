import TraceModel

/// What spans are grouped by, as values: a key taken apart again, off the hot way.
///
/// Its bytes are written and read in `GroupKey+Layout.swift`.
package struct GroupKey: Sendable {
  /// The payload's part. Empty texts are those that neither the payload nor the configuration names.
  package var env = "", hostname = "", version = "", containerID = "", gitCommitSha = "", language = "",
    processTags = ""
  /// What the intake groups by, of the span.
  package var service = "", name = "", resource = "", type = "", spanKind = "", serviceSource = "", grpcStatus = ""
  /// 0 when the span has none that makes sense.
  package var httpStatus: UInt32 = 0
  /// The span has no parent; its trace began in a synthetic test.
  package var isTraceRoot = false, isSynthetics = false
  /// Raw peer attributes: the key's raw value in the `KeyTable`, and the value before quantizing.
  package var peerAttributes: [(key: KnownKey, value: String)] = []
  /// The spans enter their service; the spans count in the statistics that are sent.
  package var isTopLevel = false, isForwarded = false
  /// Version of a tracer that says it sends statistics of the spans itself: they count unless those come. `nil` for all
  /// other spans.
  package var leftTo: String?
  /// What only clients say that computed the statistics of the group themselves; `nil` for what the agent counted.
  package var client: ClientDimensions?
}

/// What statistics that a client computed are grouped by beyond what the agent groups spans by.
package struct ClientDimensions: Sendable, Hashable {
  package var imageTag = "", httpMethod = "", httpEndpoint = ""
  /// The client does not say whether the spans began their traces.
  package var isTraceRootUnknown = false
  /// Each `key:value`, as the client sent them.
  package var peerTags: [String] = [], primaryTags: [String] = [], metricTags: [String] = []
}

/// Marks in a group key that the intake groups by.
struct GroupMarks: OptionSet {
  let rawValue: UInt8
  static let traceRoot = GroupMarks(rawValue: 1)
  static let synthetics = GroupMarks(rawValue: 2)
}

/// Marks in a group key that only we tell groups apart by; the intake sees their sums.
struct LocalMarks: OptionSet {
  let rawValue: UInt8
  /// The spans enter their service.
  static let topLevel = LocalMarks(rawValue: 1)
  /// The spans count in the statistics that are sent.
  static let forwarded = LocalMarks(rawValue: 2)
  /// The client computed the statistics itself, and sent them.
  static let clientComputed = LocalMarks(rawValue: 4)
  /// The client says that it computes the statistics of the spans itself.
  static let leftToClient = LocalMarks(rawValue: 8)
}
