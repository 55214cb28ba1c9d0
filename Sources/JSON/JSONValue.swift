/// A JSON document as a tree, to be written. Keys keep their order.
package enum JSONValue: Sendable {
  case null
  case bool(Bool)
  case int(Int64)
  case uint(UInt64)
  /// Written as `null` when it is infinite or no number, which JSON cannot say.
  case double(Double)
  case string(String)
  case array([JSONValue])
  case object([(String, JSONValue)])

  /// The object that holds `values`, by sorted key.
  package static func sorted<Value>(_ values: [String: Value], _ convert: (Value) -> JSONValue) -> JSONValue {
    .object(values.sorted { $0.key < $1.key }.map { ($0.key, convert($0.value)) })
  }
}
