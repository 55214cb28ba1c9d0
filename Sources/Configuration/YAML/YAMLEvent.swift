/// One step of the parser, copied out of libyaml's own memory.
enum YAMLEvent: Equatable {
  /// Start and end of the stream and end of a document: nothing to build from.
  case structure
  case streamEnd
  case documentStart
  case scalar(String, isPlain: Bool, anchor: String?)
  case sequenceStart(anchor: String?)
  case sequenceEnd
  case mappingStart(anchor: String?)
  case mappingEnd
  case alias(String)
}

/// An event with its place, both counted from 1.
struct YAMLPlacedEvent: Equatable {
  let event: YAMLEvent
  let line: Int
  let column: Int
}
