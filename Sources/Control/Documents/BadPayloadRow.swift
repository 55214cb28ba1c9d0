import JSON

/// A payload that could not be decoded: who sent it where, and what is wrong with it.
package struct BadPayloadRow: Sendable, Equatable, Codable {
  /// What `roost inspect` takes: counted from 1 on since the agent started.
  package var id: UInt64
  /// When it came, nanoseconds since 1970.
  @Timestamp package var atNs: Int64
  /// Where it was sent to: `/v0.4/traces`.
  package var path: String
  /// The label of the format that it should have: `v0.4`.
  package var format: String
  /// The headers of these names; empty when the client sent none.
  package var contentType = ""
  package var contentEncoding = ""
  /// As in `ClientIssueRow.client`; empty when its headers do not say.
  package var client = ""
  /// As the client says, in headers or in the payload; empty when it did not.
  package var language = ""
  package var languageVersion = ""
  package var tracerVersion = ""
  /// The process that sent it over the unix socket, as the kernel numbers it here; 0 over TCP.
  package var pid: Int64 = 0
  /// That process's command line now, without secrets; empty when it cannot be read.
  package var command = ""
  /// Whether that process has ended since.
  package var processGone = false
  /// The network address that it came from; empty for this machine.
  package var address = ""
  /// Bytes of the payload, decompressed where that was possible.
  package var bytes: UInt64
  /// The first so many of them are kept.
  package var keptBytes: UInt64 = 0
  package var fault: PayloadFault

  /// A payload of which no bytes are kept.
  package init(id: UInt64, atNs: Int64, path: String, format: String, bytes: UInt64, fault: PayloadFault) {
    self.id = id
    self.atNs = atNs
    self.path = path
    self.format = format
    self.bytes = bytes
    self.fault = fault
  }

  /// Language and tracer version for people to read, or what else it says of itself; empty when it said nothing.
  package var clientTitle: String {
    let words = [language, tracerVersion].filter { !$0.isEmpty }
    return words.isEmpty ? client : words.joined(separator: " ")
  }
}

extension BadPayloadRow: NamedMembers {
  /// Where the document's names differ from the properties'.
  package static let memberNames = ["language": "lang", "languageVersion": "lang_version", "atNs": "at"]
}

extension BadPayloadRow: DecodableWithDefaults {
  /// What stands for members that an agent of another version does not send.
  package static var decodingDefaults: BadPayloadRow {
    BadPayloadRow(id: 0, atNs: 0, path: "", format: "", bytes: 0, fault: PayloadFault(message: ""))
  }
}

/// A payload that could not be decoded, with the bytes that the agent keeps of it.
package struct BadPayload: Sendable, Equatable, Codable {
  package var row: BadPayloadRow
  /// Its first bytes, as many as are kept.
  package var beginning: HexBytes
  /// Bytes on both sides of the fault, where that lies behind the beginning; else empty.
  package var besideFault = HexBytes()
  /// Index in the payload of the first of them.
  package var besideFaultOffset: Int64 = 0

  /// A payload with its first bytes, which may be none.
  package init(row: BadPayloadRow, beginning: [UInt8]) {
    self.row = row
    self.beginning = HexBytes(beginning)
  }
}

/// The bad payload that was asked for, or which ones there are.
package struct BadPayloadAnswer: Sendable, Equatable, Codable {
  /// `nil` when there is none with that id, or none at all.
  package var found: BadPayload?
  /// The ids of all that are kept, the newest first.
  package var ids: [UInt64] = []

  /// Nothing was found, and nothing is kept, unless it is filled in.
  package init(found: BadPayload? = nil, ids: [UInt64] = []) {
    self.found = found
    self.ids = ids
  }
}

/// Which bad payload is asked for.
package struct BadPayloadQuery: Sendable, Equatable, Codable {
  /// `nil` is the newest one that is kept.
  package var id: UInt64?

  /// The payload of an id, or the newest.
  package init(id: UInt64?) { self.id = id }
}
