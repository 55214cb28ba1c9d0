import Foundation

extension PlainSpan {
  private struct Malformed: Error {
    let field: String
  }

  /// A span of an `.expected.json` document. Every field has to be there, and no other.
  init(json: [String: Any]) throws {
    self.init()
    var fields = Fields(json)
    service = try fields.text("service")
    name = try fields.text("name")
    resource = try fields.text("resource")
    type = try fields.text("type")
    traceID = try fields.number("trace_id").uint64Value
    spanID = try fields.number("span_id").uint64Value
    parentID = try fields.number("parent_id").uint64Value
    startNs = try fields.number("start").int64Value
    durationNs = try fields.number("duration").int64Value
    error = try fields.number("error").int32Value
    meta = try fields.take("meta", as: [String: String].self).map { Pair(PlainText($0), PlainText($1)) }
    metrics = try fields.take("metrics", as: [String: Any].self).map { key, value in
      Pair(PlainText(key), PlainNumber(try Self.double(value)))
    }
    metaStruct = try fields.take("meta_struct", as: [String: String].self).map { key, value in
      guard let bytes = Data(base64Encoded: value) else { throw Malformed(field: "meta_struct") }
      return Pair(PlainText(key), PlainText([UInt8](bytes)))
    }
    links = try fields.take("span_links", as: [[String: Any]].self).map(Self.link)
    guard try fields.take("span_events", as: [Any].self).isEmpty, fields.rest.isEmpty else {
      throw Malformed(field: fields.rest.keys.first ?? "span_events")
    }
  }

  private static func link(_ json: [String: Any]) throws -> PlainLink {
    var fields = Fields(json)
    var link = PlainLink()
    link.traceID = try fields.number("trace_id").uint64Value
    link.spanID = try fields.number("span_id").uint64Value
    if fields.rest["trace_id_high"] != nil { link.traceIDHigh = try fields.number("trace_id_high").uint64Value }
    if fields.rest["flags"] != nil { link.flags = try fields.number("flags").uint32Value }
    if fields.rest["tracestate"] != nil { link.tracestate = try fields.text("tracestate") }
    if fields.rest["attributes"] != nil {
      link.attributes = try fields.take("attributes", as: [String: String].self).map {
        Pair(PlainText($0), PlainText($1))
      }
    }
    guard fields.rest.isEmpty else { throw Malformed(field: "span_links") }
    return link
  }

  private static func double(_ value: Any) throws -> Double {
    if let number = value as? NSNumber { return number.doubleValue }
    switch value as? String {
    case "NaN": return .nan
    case "Infinity": return .infinity
    case "-Infinity": return -.infinity
    default: throw Malformed(field: "metrics")
    }
  }

  /// The fields of a JSON object that nobody has taken yet.
  private struct Fields {
    var rest: [String: Any]

    init(_ json: [String: Any]) { rest = json }

    mutating func take<Value>(_ key: String, as type: Value.Type) throws -> Value {
      guard let value = rest.removeValue(forKey: key) as? Value else { throw Malformed(field: key) }
      return value
    }

    mutating func text(_ key: String) throws -> PlainText { PlainText(try take(key, as: String.self)) }
    mutating func number(_ key: String) throws -> NSNumber { try take(key, as: NSNumber.self) }
  }
}
