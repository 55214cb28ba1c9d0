import MessagePack

/// The named values of one MessagePack map, read leniently.
///
/// An older command may meet a newer agent and the other way round: a key that is missing or holds another type than
/// expected reads as zero, empty or `nil`, and keys nobody asks for are skipped.
struct FieldReader {
  private var values: [String: MessagePackValue] = [:]

  /// Anything that is not a map reads like an empty one.
  init(_ value: MessagePackValue?) {
    guard case .map(let pairs) = value else { return }
    for (key, value) in pairs {
      guard case .string(let name) = key else { continue }
      values[String(decoding: name, as: UTF8.self)] = value
    }
  }

  /// All names with their values; for maps whose keys are data, such as reasons.
  var entries: [String: MessagePackValue] { values }

  func text(_ name: String) -> String { optionalText(name) ?? "" }

  func optionalText(_ name: String) -> String? { values[name]?.text }

  func unsigned(_ name: String) -> UInt64 { values[name]?.uint ?? 0 }

  func signed(_ name: String) -> Int64 { optionalSigned(name) ?? 0 }

  func optionalSigned(_ name: String) -> Int64? { values[name]?.int }

  func number(_ name: String) -> Double { values[name]?.double ?? 0 }

  func optionalNumber(_ name: String) -> Double? { values[name]?.double }

  func flag(_ name: String) -> Bool { values[name]?.bool ?? false }

  func list(_ name: String) -> [MessagePackValue] { values[name]?.array ?? [] }

  func texts(_ name: String) -> [String] { list(name).compactMap(\.text) }

  func fields(_ name: String) -> FieldReader { FieldReader(values[name]) }
}

/// Gathers named values into one MessagePack map, in the order they are set.
struct FieldWriter {
  private var pairs: [(key: MessagePackValue, value: MessagePackValue)] = []

  var value: MessagePackValue { .map(pairs) }

  mutating func set(_ name: String, _ text: String) { set(name, value: .text(text)) }

  /// Absent when `nil`.
  mutating func set(_ name: String, _ text: String?) {
    if let text { set(name, text) }
  }

  mutating func set(_ name: String, _ number: UInt64) { set(name, value: .uint(number)) }

  mutating func set(_ name: String, _ number: Int64) { set(name, value: .int(number)) }

  /// Absent when `nil`.
  mutating func set(_ name: String, _ number: Int64?) {
    if let number { set(name, number) }
  }

  mutating func set(_ name: String, _ number: Double) { set(name, value: .double(number)) }

  mutating func set(_ name: String, _ isSet: Bool) { set(name, value: .bool(isSet)) }

  mutating func set(_ name: String, _ texts: [String]) {
    set(name, value: .array(texts.map { .text($0) }))
  }

  mutating func set(_ name: String, _ fields: FieldWriter) { set(name, value: fields.value) }

  mutating func set<Row: ControlFieldsConvertible>(_ name: String, rows: [Row]) {
    set(name, value: .array(rows.map(\.packed)))
  }

  mutating func set<Part: ControlFieldsConvertible>(_ name: String, part: Part) { set(name, value: part.packed) }

  mutating func set(_ name: String, value: MessagePackValue) {
    pairs.append((key: .text(name), value: value))
  }
}

/// A value that travels as one MessagePack map.
protocol ControlFieldsConvertible {
  /// Never fails: what is missing is zero or empty.
  init(_ fields: FieldReader)
  func write(to fields: inout FieldWriter)
}

extension ControlFieldsConvertible {
  var packed: MessagePackValue {
    var fields = FieldWriter()
    write(to: &fields)
    return fields.value
  }
}

extension FieldReader {
  func rows<Row: ControlFieldsConvertible>(_ name: String, of: Row.Type = Row.self) -> [Row] {
    list(name).map { Row(FieldReader($0)) }
  }

  func part<Part: ControlFieldsConvertible>(_ name: String, as: Part.Type = Part.self) -> Part {
    Part(fields(name))
  }
}
