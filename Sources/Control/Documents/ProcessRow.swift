import JSON

/// One process that sent traces.
package struct ProcessRow: Sendable, Equatable, Codable {
  /// As its tracer numbers it, which inside a container is not the machine's number; 0 when it does not say.
  package var pid: Int64
  /// Of the first trace's root.
  package var service: String
  /// The id of its container, or `in-` and the inode of its control group as its tracer says it; empty for neither.
  package var containerID = ""
  /// The container's name, and short name and tag of its image; empty when they are not known.
  package var containerName = ""
  package var containerImage = ""
  /// The network address that it sent from; empty for this machine's own.
  package var address = ""
  /// `Datadog-Meta-Lang`, `Datadog-Meta-Lang-Version` and `Datadog-Meta-Tracer-Version`; empty when it did not say.
  package var language: String
  package var languageVersion: String
  package var tracerVersion: String
  /// Requests with traces, and the traces in them.
  package var payloads: UInt64
  package var traces: UInt64
  /// Arrival of its first and of its newest request, nanoseconds since 1970.
  @Timestamp package var firstSeenNs: Int64
  @Timestamp package var lastSeenNs: Int64

  /// What one process sent so far.
  package init(
    pid: Int64, service: String, language: String, languageVersion: String, tracerVersion: String, payloads: UInt64,
    traces: UInt64, firstSeenNs: Int64, lastSeenNs: Int64
  ) {
    self.pid = pid
    self.service = service
    self.language = language
    self.languageVersion = languageVersion
    self.tracerVersion = tracerVersion
    self.payloads = payloads
    self.traces = traces
    self.firstSeenNs = firstSeenNs
    self.lastSeenNs = lastSeenNs
  }
}

extension ProcessRow {
  /// What tells senders apart: in containers the number alone does not, since each begins to count at 1.
  package struct Identity: Hashable, Sendable {
    let pid: Int64
    let service, language, tracerVersion, containerID, address: String
  }

  /// The same for all rows of a sender, whichever thread of the agent counted them.
  package var identity: Identity {
    Identity(
      pid: pid, service: service, language: language, tracerVersion: tracerVersion, containerID: containerID,
      address: address)
  }
}

extension ProcessRow: NamedMembers {
  /// Where the document's names differ from the properties'.
  package static let memberNames = [
    "language": "lang", "languageVersion": "lang_version", "firstSeenNs": "first_seen", "lastSeenNs": "last_seen",
  ]
}

extension ProcessRow: DecodableWithDefaults {
  /// What stands for members that an agent of another version does not send.
  package static var decodingDefaults: ProcessRow {
    ProcessRow(
      pid: 0, service: "", language: "", languageVersion: "", tracerVersion: "", payloads: 0, traces: 0, firstSeenNs: 0,
      lastSeenNs: 0)
  }
}
