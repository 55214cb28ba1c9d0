extension TraceSpan {
  /// Bytes that its names, tags, links and events take.
  package var textBytes: Int {
    let names = service.utf8.count + operation.utf8.count + resource.utf8.count + type.utf8.count
    let tags = meta.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
    let numbers = metrics.reduce(0) { $0 + $1.key.utf8.count }
    let linked = links.reduce(0) { $0 + $1.tracestate.utf8.count + $1.attributes.textBytes }
    return names + tags + numbers + linked + events.reduce(0) { $0 + $1.name.utf8.count + $1.attributes.textBytes }
  }
}

extension [TraceAttribute] {
  var textBytes: Int { reduce(0) { $0 + $1.key.utf8.count + $1.value.textBytes } }
}

extension TraceAttributeValue {
  var textBytes: Int {
    switch self {
    case .text(let text): text.utf8.count
    case .bool, .int, .double: 16
    case .array(let elements): elements.reduce(0) { $0 + $1.textBytes }
    }
  }
}
