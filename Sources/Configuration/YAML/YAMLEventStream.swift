import CYAML
import Platform

/// Owner of a libyaml parser; released with the value.
///
/// The parser keeps pointers to itself and into the input, so it lives on the heap, and the stream must not outlive the
/// bytes it was made with.
struct YAMLEventStream: ~Copyable {
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let input: UnsafeBufferPointer<UInt8>

  /// Throws when libyaml cannot get memory.
  init(reading input: UnsafeBufferPointer<UInt8>) throws(YAMLError) {
    let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    guard yaml_parser_initialize(parser) == 1 else {
      parser.deallocate()
      throw YAMLError(line: 1, column: nil, message: "no memory for the YAML parser")
    }
    yaml_parser_set_input_string(parser, input.baseAddress, input.count)
    self.parser = parser
    self.input = input
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
  }

  /// The next event. After an error the parser must not be asked again.
  mutating func next() throws(YAMLError) -> YAMLPlacedEvent {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw error() }
    defer { yaml_event_delete(&event) }
    return YAMLPlacedEvent(
      event: Self.copy(event),
      line: Self.counted(event.start_mark.line), column: Self.counted(event.start_mark.column))
  }

  /// Where a text stands in a mapping that is no key, counted from 0, when that is the error: libyaml notices it at the
  /// next key.
  private func lineWithoutKey() -> Int? {
    if parser.pointee.context.map({ strcmp($0, "while scanning a simple key") }) == 0 {
      return Int(clamping: parser.pointee.context_mark.line)
    }
    guard parser.pointee.problem.map({ strcmp($0, "mapping values are not allowed in this context") }) == 0
    else { return nil }
    return firstLineWithoutKey(before: Int(clamping: parser.pointee.problem_mark.line))
  }

  /// The first of the lines before one, counted from 0, that libyaml took for the beginning of that one's key: a text
  /// may go on over several lines. Nil where the line before is no such text.
  private func firstLineWithoutKey(before line: Int) -> Int? {
    let lines = input.split(separator: UInt8(ascii: "\n"), maxSplits: line &+ 1, omittingEmptySubsequences: false)
    guard line < lines.count else { return nil }
    let indent = Self.indent(lines[line])
    let stray = lines[..<line].reversed().prefix { line in
      let text = line.dropFirst(Self.indent(line))
      // What is further in goes on with the value of a key above.
      return Self.indent(line) <= indent && text.first != UInt8(ascii: "\r") && text.first != UInt8(ascii: "#")
        && text.first != UInt8(ascii: "-") && !text.isEmpty && !text.contains(UInt8(ascii: ":"))
    }
    return stray.isEmpty ? nil : line - stray.count
  }

  private static func indent(_ line: some Collection<UInt8>) -> Int { line.prefix { $0 == UInt8(ascii: " ") }.count }

  private static func copy(_ event: yaml_event_t) -> YAMLEvent {
    switch event.type {
    case YAML_STREAM_END_EVENT, YAML_NO_EVENT: .streamEnd
    case YAML_DOCUMENT_START_EVENT: .documentStart
    case YAML_SCALAR_EVENT:
      .scalar(
        text(event.data.scalar.value, event.data.scalar.length),
        isPlain: event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE && event.data.scalar.tag == nil,
        anchor: name(event.data.scalar.anchor))
    case YAML_SEQUENCE_START_EVENT: .sequenceStart(anchor: name(event.data.sequence_start.anchor))
    case YAML_SEQUENCE_END_EVENT: .sequenceEnd
    case YAML_MAPPING_START_EVENT: .mappingStart(anchor: name(event.data.mapping_start.anchor))
    case YAML_MAPPING_END_EVENT: .mappingEnd
    case YAML_ALIAS_EVENT: .alias(name(event.data.alias.anchor) ?? "")
    default: .structure
    }
  }

  private static func text(_ start: UnsafeMutablePointer<yaml_char_t>?, _ count: Int) -> String {
    String(decoding: UnsafeBufferPointer(start: start, count: start == nil ? 0 : count), as: UTF8.self)
  }

  private static func name(_ anchor: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    anchor.map { String(cString: $0) }
  }

  /// libyaml counts lines and columns from 0.
  private static func counted(_ value: Int) -> Int { value &+ 1 }

  private func error() -> YAMLError {
    let problem = parser.pointee.problem.map { String(cString: $0) } ?? "not readable as YAML"
    // The reader works before lines are known and gives only a byte offset.
    if parser.pointee.error == YAML_READER_ERROR {
      let before = input.prefix(Int(clamping: parser.pointee.problem_offset))
      let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 &+ 1 } ?? 0
      let lines = before.reduce(1) { $1 == UInt8(ascii: "\n") ? $0 &+ 1 : $0 }
      return YAMLError(line: lines, column: before.count &- lineStart &+ 1, message: problem)
    }
    let mark = parser.pointee.problem_mark
    if let line = lineWithoutKey() {
      return YAMLError(line: Self.counted(line), column: nil, message: "a key with a value is expected here")
    }
    let context = parser.pointee.context.map { "\(String(cString: $0)): " } ?? ""
    return YAMLError(
      line: Self.counted(mark.line), column: Self.counted(mark.column), message: context + problem)
  }
}
