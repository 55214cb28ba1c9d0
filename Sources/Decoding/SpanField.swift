import TraceModel

/// The keys of a span in the map formats (v0.1–v0.4, v0.7).
enum SpanField: UInt32 {
  case service, name, resource, type
  case traceID, spanID, parentID
  case start, duration, error, meta, metrics
  case metaStruct, links, events
  case unknown

  /// The key on the wire.
  var name: StaticString {
    switch self {
    case .service: "service"
    case .name: "name"
    case .resource: "resource"
    case .type: "type"
    case .traceID: "trace_id"
    case .spanID: "span_id"
    case .parentID: "parent_id"
    case .start: "start"
    case .duration: "duration"
    case .error: "error"
    case .meta: "meta"
    case .metrics: "metrics"
    case .metaStruct: "meta_struct"
    case .links: "span_links"
    case .events: "span_events"
    case .unknown: "(unknown key)"
    }
  }

  /// The field whose raw value was remembered. Written out, since the compiler calls a function for `init(rawValue:)`.
  @inline(__always)
  init(remembered number: UInt32) {
    switch number {
    case 0: self = .service
    case 1: self = .name
    case 2: self = .resource
    case 3: self = .type
    case 4: self = .traceID
    case 5: self = .spanID
    case 6: self = .parentID
    case 7: self = .start
    case 8: self = .duration
    case 9: self = .error
    case 10: self = .meta
    case 11: self = .metrics
    case 12: self = .metaStruct
    case 13: self = .links
    case 14: self = .events
    default: self = .unknown
    }
  }

  /// The field a key names.
  ///
  /// - Parameters:
  ///   - word: the key's first eight bytes, little-endian, zeros after its end.
  ///   - length: the key's length in bytes.
  ///   - rest: the bytes from the ninth on; empty for shorter keys.
  @inline(__always)
  init(word: UInt64, length: Int, rest: UnsafeRawBufferPointer) {
    switch word {
    case 0x656D_616E where length == 4: self = .name
    case 0x6570_7974 where length == 4: self = .type
    case 0x6174_656D where length == 4: self = .meta
    case 0x74_7261_7473 where length == 5: self = .start
    case 0x72_6F72_7265 where length == 5: self = .error
    case 0x65_6369_7672_6573 where length == 7: self = .service
    case 0x64_695F_6E61_7073 where length == 7: self = .spanID
    case 0x73_6369_7274_656D where length == 7: self = .metrics
    case 0x6563_7275_6F73_6572 where length == 8: self = .resource
    case 0x6469_5F65_6361_7274 where length == 8: self = .traceID
    case 0x6E6F_6974_6172_7564 where length == 8: self = .duration
    case 0x695F_746E_6572_6170 where unsafe length == 9 && ByteString.equal(rest, "d"): self = .parentID
    case 0x6E69_6C5F_6E61_7073 where unsafe length == 10 && ByteString.equal(rest, "ks"): self = .links
    case 0x7274_735F_6174_656D where unsafe length == 11 && ByteString.equal(rest, "uct"): self = .metaStruct
    case 0x6576_655F_6E61_7073 where unsafe length == 11 && ByteString.equal(rest, "nts"): self = .events
    default: self = .unknown
    }
  }
}
