import JSON
import Traces

/// What a captured payload holds, as far as it could be read: the document `roost.inspect.v1`.
///
/// It may hold megabytes of traces, so it is coded by hand, without the detour through `Codable`.
package struct InspectedPayload: Sendable, Equatable {
  /// Name and version of the document's shape.
  package static let schema = "roost.inspect.v1"
  /// Bytes on either side of a fault that are shown.
  package static let besideFaultBytes = 48

  /// The format's label, such as `v0.5`.
  package var format: String
  /// `MessagePack` or `JSON`; empty when the payload could not be decompressed.
  package var encoding = ""
  /// `gzip` or `zstd`; empty for a payload that is not compressed.
  package var compression = ""
  /// How many bytes it has, decompressed.
  package var bytes: Int
  /// What the payload says of its client, in formats that do, by the names of the format.
  package var client: [(key: String, value: String)] = []
  /// What could be read, in the order of the payload.
  package var traces: [InspectedTrace] = []
  /// The same of a payload of statistics; `nil` for one of traces.
  package var groups: [InspectedGroup]?
  /// What ends the reading; `nil` for a payload that is whole.
  package var fault: PayloadFault?
  /// The bytes around the fault, and the index of the first of them in the payload.
  package var besideFault: [UInt8] = []
  package var besideFaultOffset = 0
  /// What the agent knows of a payload that it kept; `nil` for a file.
  package var received: BadPayloadRow?

  /// A payload of which nothing was read yet.
  package init(format: String, bytes: Int) {
    self.format = format
    self.bytes = bytes
  }

  /// How many spans its traces have together.
  package var spanCount: Int { traces.reduce(0) { $0 + $1.trace.spans.count } }

  package static func == (a: InspectedPayload, b: InspectedPayload) -> Bool {
    a.format == b.format && a.encoding == b.encoding && a.compression == b.compression && a.bytes == b.bytes
      && a.client.elementsEqual(b.client, by: ==) && a.traces == b.traces && a.groups == b.groups && a.fault == b.fault
      && a.besideFault == b.besideFault && a.besideFaultOffset == b.besideFaultOffset && a.received == b.received
  }
}

/// A trace of a payload, as its client sent it.
package struct InspectedTrace: Sendable, Equatable {
  package var trace: Trace
  /// -1 user drop, 0 automatic drop, 1 automatic keep, 2 user keep; `nil` when the client decided nothing.
  package var priority: Int?
  /// False for the trace within which the reading ended.
  package var isWhole = true

  /// A trace that was read to its end.
  package init(_ trace: Trace, priority: Int?) {
    self.trace = trace
    self.priority = priority
  }
}

extension InspectedPayload {
  /// What programs get with `--json`: all of it.
  package var document: JSONValue {
    var members: [(String, JSONValue)] = [
      ("schema", .string(Self.schema)), ("format", .string(format)), ("encoding", .string(encoding)),
      ("compression", .string(compression)), ("bytes", .int(Int64(bytes))),
      ("client", .object(client.map { ($0.key, .string($0.value)) })),
      ("trace_count", .int(Int64(traces.count))), ("span_count", .int(Int64(spanCount))),
    ]
    if let groups { members.append(("group_count", .int(Int64(groups.count)))) }
    if let fault {
      members.append(("fault", Self.encoded(fault)))
      members.append(
        (
          "beside_fault",
          .object([
            ("byte_offset", .int(Int64(besideFaultOffset))), ("hex", .string(HexBytes(besideFault).text)),
          ])
        ))
    }
    if let received { members.append(("received", Self.encoded(received))) }
    members.append(("traces", .array(traces.map(\.document))))
    if let groups { members.append(("groups", .array(groups.map(\.document)))) }
    return .object(members)
  }

  /// Only an `encode(to:)` written by hand could throw.
  private static func encoded(_ value: some Encodable) -> JSONValue { (try? JSONValueEncoder.encode(value)) ?? .null }
}

extension InspectedTrace {
  /// The members of `roost.trace.v1` but for what the agent decides, and what the client decided.
  fileprivate var document: JSONValue {
    let own: [(String, JSONValue)] = [
      ("whole", .bool(isWhole)), ("priority", priority.map { .int(Int64($0)) } ?? .null),
    ]
    return .object(own + trace.jsonMembers.filter { $0.0 != "kept" && $0.0 != "kept_by" })
  }
}
