import JSON

extension Trace {
  /// The trace as OTLP's JSON (`ExportTraceServiceRequest`), to be sent to an OpenTelemetry collector or viewer.
  ///
  /// Operation, resource, type and service stand in the attributes that Datadog's own translation reads them from, so that
  /// they come back as they were.
  package var otlp: JSONValue {
    var groups: [OTLPResource: [TraceSpan]] = [:]
    var order: [OTLPResource] = []
    for span in spans {
      let resource = OTLPResource(span)
      if groups[resource] == nil { order.append(resource) }
      groups[resource, default: []].append(span)
    }
    let traceID = TraceID.hex(id.high) + TraceID.hex(id.low)
    let resourceSpans = order.map { resource in
      JSONValue.object([
        ("resource", .object([("attributes", .array(resource.attributes))])),
        (
          "scopeSpans",
          .array([
            .object([
              ("scope", .object([("name", .string("roost"))])),
              ("spans", .array((groups[resource] ?? []).map { $0.otlp(traceID) })),
            ])
          ])
        ),
      ])
    }
    return .object([("resourceSpans", .array(resourceSpans))])
  }
}

/// What OTLP says once for spans of one process.
private struct OTLPResource: Hashable {
  let service: String
  let env: String
  let version: String
  let language: String

  init(_ span: TraceSpan) {
    service = span.service
    env = span.meta("env") ?? ""
    version = span.meta("version") ?? ""
    language = span.meta("language") ?? ""
  }

  var attributes: [JSONValue] {
    [
      ("service.name", service), ("deployment.environment.name", env), ("service.version", version),
      ("telemetry.sdk.language", language),
    ].filter { !$0.1.isEmpty }.map { attribute($0.0, .text($0.1)) }
  }
}

extension TraceSpan {
  fileprivate func otlp(_ traceID: String) -> JSONValue {
    var members: [(String, JSONValue)] = [("traceId", .string(traceID)), ("spanId", .string(TraceID.hex(spanID)))]
    if parentID != 0 { members.append(("parentSpanId", .string(TraceID.hex(parentID)))) }
    members += [
      ("name", .string(resource.isEmpty ? operation : resource)), ("kind", .int(otlpKind)),
      ("startTimeUnixNano", otlpTime(startNs)), ("endTimeUnixNano", otlpTime(max(startNs, endNs))),
      ("attributes", .array(otlpAttributes)), ("events", .array(otlpEvents)), ("links", .array(links.map(\.otlp))),
      ("status", .object(otlpStatus)),
    ]
    return .object(members)
  }

  /// The number of OTLP's `SpanKind`; by the type where the client sent no kind.
  private var otlpKind: Int64 {
    switch meta("span.kind") ?? (type == "web" ? "server" : isCall ? "client" : "internal") {
    case "server": 2
    case "client": 3
    case "producer": 4
    case "consumer": 5
    default: 1
    }
  }

  private var otlpStatus: [(String, JSONValue)] {
    guard let error = TraceError(self) else { return [] }
    return [("message", .string(error.title)), ("code", .int(2))]
  }

  private var otlpAttributes: [JSONValue] {
    let names = [("operation.name", operation), ("resource.name", resource), ("span.type", type)].filter {
      !$0.1.isEmpty
    }
    let inResource: Set = ["env", "version", "language"]
    return names.map { attribute($0.0, .text($0.1)) }
      + meta.filter { !inResource.contains($0.key) }.map { attribute($0.key, .text($0.value)) }
      + metrics.map { key, value in attribute(key, Int64(exactly: value).map { .int($0) } ?? .double(value)) }
  }

  /// A failure is an event in OpenTelemetry.
  private var otlpEvents: [JSONValue] {
    var all = events
    if isError, !events.contains(where: \.isException) {
      let attributes = [
        ("exception.type", meta("error.type")), ("exception.message", meta("error.message") ?? meta("error.msg")),
        ("exception.stacktrace", meta("error.stack")),
      ].compactMap { name, text in text.map { TraceAttribute(name, .text($0)) } }
      if !attributes.isEmpty { all.append(TraceSpanEvent(timeNs: endNs, name: "exception", attributes: attributes)) }
    }
    return all.map { event in
      .object(
        [
          ("timeUnixNano", otlpTime(event.timeNs)), ("name", .string(event.name)),
          ("attributes", .array(event.attributes.map { attribute($0.key, $0.value) })),
        ] + droppedCount(event.droppedAttributes))
    }
  }
}

extension TraceSpanLink {
  fileprivate var otlp: JSONValue {
    .object(
      [
        ("traceId", .string(TraceID.hex(traceID.high) + TraceID.hex(traceID.low))),
        ("spanId", .string(TraceID.hex(spanID))),
        ("traceState", .string(tracestate)), ("attributes", .array(attributes.map { attribute($0.key, $0.value) })),
      ] + droppedCount(droppedAttributes) + (flags.map { [("flags", .int(Int64($0)))] } ?? []))
  }
}

/// OTLP's times begin with 1970, in a text as JSON of protobuf writes all integers of 64 bits.
private func otlpTime(_ ns: Int64) -> JSONValue { .string(String(max(0, ns))) }

private func droppedCount(_ count: UInt32) -> [(String, JSONValue)] {
  count == 0 ? [] : [("droppedAttributesCount", .int(Int64(count)))]
}

private func attribute(_ key: String, _ value: TraceAttributeValue) -> JSONValue {
  .object([("key", .string(key)), ("value", value.otlp)])
}

extension TraceAttributeValue {
  fileprivate var otlp: JSONValue {
    switch self {
    case .text(let text): .object([("stringValue", .string(text))])
    case .bool(let value): .object([("boolValue", .bool(value))])
    // JSON of protobuf writes integers of 64 bits as texts.
    case .int(let value): .object([("intValue", .string(String(value)))])
    case .double(let value):
      .object([
        (
          "doubleValue",
          value.isFinite ? .double(value) : .string(value.isNaN ? "NaN" : value > 0 ? "Infinity" : "-Infinity")
        )
      ])
    case .array(let elements): .object([("arrayValue", .object([("values", .array(elements.map(\.otlp)))]))])
    }
  }
}
