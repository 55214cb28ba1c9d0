/// What a reader knows of a bad value; the context adds trace, span and field.
///
/// Three words and no references, so that a function that may throw it costs no more than one that may not. The readers
/// of all wire formats say what they expected and saw in the words of these two lists.
struct ValueError: Error {
  var kind: DecodeError.Kind
  /// Offset of the offending byte in the body.
  var offset: Int
  var expected: Expectation
  var seen: Sight

  enum Expectation: String {
    case string, integer, number
    case int32 = "an integer that fits 32 bits"
    case uint32 = "an integer from 0 on that fits 32 bits"
    case int64 = "an integer that fits 63 bits"
    case uint64 = "an integer that fits 64 bits"
    case double = "a number that fits a double"
    case array, map, bytes, bool
    case value = "a value"
    case reference = "an index into the string table"
    case streamed = "a string, or an index into the string table"
    case element = "as many elements as announced"
    case depth = "at most 64 levels"
    case fewer = "fewer elements in one payload"
    case memory = "no more memory than is left"
    case pair = "an array of 2"
    case twelve = "an array of 12"
    case triples = "an array of keys, types and values, three elements an attribute"
    case typedPairs = "an array of types and values, two elements a value"
    case attributeType = "a type of attribute from 1 to 7"
    // JSON
    case object
    case colon = "a colon"
    case comma = "a comma or the end of the object or array"
    case character = "a character that may stand in a string"
    case escape = "an escape sequence"
    case base64
    // Protobuf
    case tag = "a tag"
    case varint = "a varint of 64 bits"
    case fixed64 = "fixed64"
    case fixed32 = "fixed32"
    case lengthDelimited = "length-delimited"
    case traceID = "a trace id of 16 bytes"
    case spanID = "a span id of 8 bytes"
    case hexadecimal = "hexadecimal digits"
    // DDSketches
    case mapping = "a mapping with a gamma above 1 and no interpolation"
    case count = "a finite count of zero or more"
  }

  /// What was there instead: a type of the wire format, or something that is none.
  enum Sight: String {
    case end = "the end of the body"
    case more
    case array, map, string, bool, bytes, float
    case null = "nil"
    case unsignedInteger = "unsigned integer"
    case signedInteger = "signed integer"
    case ext = "extension"
    case reserved = "the reserved byte 0xc1"
    // JSON
    case object, number, null_ = "null"
    case foreign = "another character"
    case control = "a control character"
    // Protobuf
    case varint, fixed64, fixed32, group
    case lengthDelimited = "length-delimited"
    case badTag = "a tag of field 0 or of no wire type"
    case longVarint = "a longer varint"
    case messageEnd = "the end of the message"
    // DDSketches
    case otherMapping = "another mapping, or none"
  }

  /// The agent has no memory left for what stands at `offset`.
  static func noMemory(at offset: Int) -> ValueError {
    ValueError(kind: .noMemory, offset: offset, expected: .memory, seen: .more)
  }

  func located(trace: Int, span: Int, field: String) -> DecodeError {
    DecodeError(
      kind: kind, byteOffset: offset, traceIndex: trace, spanIndex: span, field: field, expected: expected.rawValue,
      seen: seen.rawValue)
  }
}
