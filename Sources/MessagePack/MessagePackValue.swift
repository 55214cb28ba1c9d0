/// Any MessagePack value, as a tree.
///
/// Convenient, not fast: meant for questions and answers of a few kilobytes, for showing values to a person, and for
/// checking faster readers against. Integers compare by value, whichever sign they were written with, and maps
/// compare in order.
package enum MessagePackValue: Sendable {
  case null
  case bool(Bool)
  /// A signed integer. Unpacking uses this for negative integers only.
  case int(Int64)
  /// An unsigned integer. Unpacking uses this for every integer that is not negative.
  case uint(UInt64)
  /// A floating point number; a 32-bit one is widened when it is unpacked.
  case double(Double)
  /// The bytes of a string, kept as they came even when they are not UTF-8.
  case string([UInt8])
  case binary([UInt8])
  case array([MessagePackValue])
  /// Keys with their values, in the order they were written; a key may come twice.
  case map([(key: MessagePackValue, value: MessagePackValue)])
  /// An application-defined value: a type number and bytes.
  case ext(type: Int8, [UInt8])
}

extension MessagePackValue: Equatable {
  package static func == (left: Self, right: Self) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.int(let a), .int(let b)): a == b
    case (.uint(let a), .uint(let b)): a == b
    case (.int(let a), .uint(let b)), (.uint(let b), .int(let a)): UInt64(exactly: a) == b
    case (.double(let a), .double(let b)): a == b || (a.isNaN && b.isNaN)
    case (.string(let a), .string(let b)): a == b
    case (.binary(let a), .binary(let b)): a == b
    case (.array(let a), .array(let b)): a == b
    case (.map(let a), .map(let b)):
      a.count == b.count && zip(a, b).allSatisfy { $0.key == $1.key && $0.value == $1.value }
    case (.ext(let typeA, let a), .ext(let typeB, let b)): typeA == typeB && a == b
    default: false
    }
  }
}

extension MessagePackValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  package init(stringLiteral value: String) { self = .text(value) }
  package init(integerLiteral value: Int64) { self = .int(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(floatLiteral value: Double) { self = .double(value) }
  package init(arrayLiteral elements: MessagePackValue...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (MessagePackValue, MessagePackValue)...) {
    self = .map(elements.map { (key: $0.0, value: $0.1) })
  }
  package init(nilLiteral: ()) { self = .null }
}
