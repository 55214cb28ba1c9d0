import MessagePack

extension ReferenceReader {
  /// A payload of v0.7. Of a key that comes twice the last counts, with all that is below it.
  static func payloadV07(_ document: MessagePackValue) throws -> PlainPayload {
    var payload = PlainPayload()
    for (key, value) in try document.entries() {
      let name = String(decoding: try key.wireText().bytes, as: UTF8.self)
      switch name {
      case "container_id", "language_name", "language_version", "tracer_version", "runtime_id", "env", "hostname",
        "app_version":
        payload.sender.set(name, try value.wireText().prefix(bytesMax: 256))
      case "tags": try readTags(value, of: &payload.sender)
      case "chunks": (payload.traces, payload.chunks) = try chunks(value)
      default: break
      }
    }
    return payload
  }

  private static func readTags(_ value: MessagePackValue, of sender: inout PlainSender) throws {
    let pairs = try value.textPairs()
    sender.tags = pairs.filter { $0.key != "_dd.tags.process" }.map { Pair($0.key, PlainValue($0.value)) }
    let process = pairs.last { $0.key == "_dd.tags.process" }?.value ?? PlainText()
    sender.set("_dd.tags.process", process.prefix(bytesMax: 5_000))
  }

  private static func chunks(_ value: MessagePackValue) throws -> (traces: [[PlainSpan]], chunks: [PlainChunk]) {
    var (traces, chunks): ([[PlainSpan]], [PlainChunk]) = ([], [])
    for value in try value.elements() {
      var (trace, chunk): ([PlainSpan], PlainChunk) = ([], PlainChunk())
      chunk.priority = 0
      for (key, value) in try value.entries() {
        switch String(decoding: try key.wireText().bytes, as: UTF8.self) {
        case "priority": chunk.priority = Int32(Int8(truncatingIfNeeded: try value.wireInt32()))
        case "origin": chunk.origin = try value.wireText()
        case "spans": trace = try value.elements().compactMap(spanV04)
        case "tags": try readTags(value, of: &chunk)
        case "dropped_trace": _ = try value.wireBool()
        default: break
        }
      }
      traces.append(trace)
      chunks.append(chunk)
    }
    return (traces, chunks)
  }

  private static func readTags(_ value: MessagePackValue, of chunk: inout PlainChunk) throws {
    let pairs = try value.textPairs()
    chunk.tags = pairs.filter { $0.key != "_dd.p.dm" }.map { Pair($0.key, PlainValue($0.value)) }
    chunk.decisionMaker = pairs.last { $0.key == "_dd.p.dm" }?.value ?? PlainText()
    let high = pairs.last { $0.key == "_dd.p.tid" }.map { String(decoding: $0.value.bytes, as: UTF8.self) } ?? ""
    // Swift takes a sign in front of the digits, and any number of zeros.
    let isPlain = (1...16).contains(high.utf8.count) && high.allSatisfy { $0.isASCII && $0.isHexDigit }
    chunk.traceIDHigh = isPlain ? UInt64(high, radix: 16) ?? 0 : 0
  }
}
