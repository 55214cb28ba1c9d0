/// Turns parser events into a tree, expanding aliases and merge keys (`<<`).
struct YAMLTreeBuilder: ~Copyable {
  private var events: YAMLEventStream
  private var anchors: [String: YAMLNode] = [:]
  private var nodesLeft = YAMLDocument.nodesMax
  private var repeated: [YAMLRepeatedKey] = []

  init(events: consuming YAMLEventStream) { self.events = events }

  /// The first document's root, the line where a second one starts, and the keys that stand twice in a mapping.
  mutating func document() throws(YAMLError) -> (root: YAMLNode?, secondLine: Int?, repeated: [YAMLRepeatedKey]) {
    var root: YAMLNode?
    while true {
      let placed = try events.next()
      switch placed.event {
      case .streamEnd: return (root, nil, repeated)
      case .documentStart where root != nil: return (root, placed.line, repeated)
      case .documentStart, .structure: continue
      default: root = try node(placed, depth: 1)
      }
    }
  }

  private mutating func node(_ placed: YAMLPlacedEvent, depth: Int) throws(YAMLError) -> YAMLNode {
    guard depth <= YAMLDocument.depthMax else {
      throw Self.error(placed, "nested deeper than \(YAMLDocument.depthMax) levels")
    }
    switch placed.event {
    case .scalar(let text, let isPlain, let anchor):
      return try keep(YAMLNode(.scalar(text, isPlain: isPlain), line: placed.line), anchor, placed, cost: 1)
    case .sequenceStart(let anchor):
      let nodes = try sequence(depth: depth)
      return try keep(YAMLNode(.sequence(nodes), line: placed.line), anchor, placed, cost: 1)
    case .mappingStart(let anchor):
      let entries = try mapping(depth: depth)
      return try keep(YAMLNode(.mapping(entries), line: placed.line), anchor, placed, cost: 1)
    case .alias(let name):
      guard let target = anchors[name] else {
        throw Self.error(placed, "alias *\(QuotedText.escaped(name)) names no anchor above it")
      }
      return try keep(target, nil, placed, cost: target.size)
    default:
      throw Self.error(placed, "a value was expected here")
    }
  }

  private mutating func keep(
    _ node: YAMLNode, _ anchor: String?, _ placed: YAMLPlacedEvent, cost: Int
  ) throws(YAMLError) -> YAMLNode {
    nodesLeft -= min(cost, nodesLeft &+ 1)
    guard nodesLeft >= 0 else {
      throw Self.error(placed, "more than \(YAMLDocument.nodesMax) values, aliases expanded")
    }
    // Registered only when complete: an anchor inside itself stays unknown and cannot make a cycle.
    if let anchor { anchors[anchor] = node }
    return node
  }

  private mutating func sequence(depth: Int) throws(YAMLError) -> [YAMLNode] {
    var nodes: [YAMLNode] = []
    while true {
      let placed = try events.next()
      if placed.event == .sequenceEnd { return nodes }
      nodes.append(try node(placed, depth: depth &+ 1))
    }
  }

  private mutating func mapping(depth: Int) throws(YAMLError) -> [YAMLEntry] {
    var entries: [YAMLEntry] = []
    var lineOfName: [String: Int] = [:]
    var placeOfName: [String: Int] = [:]
    var merged: [YAMLEntry] = []
    while true {
      let placed = try events.next()
      if placed.event == .mappingEnd { break }
      let keyNode = try node(placed, depth: depth &+ 1)
      guard case .scalar(let key, let isPlain) = keyNode.content else {
        throw Self.error(placed, "a key must be a plain text")
      }
      let valuePlace = try events.next()
      let value = try node(valuePlace, depth: depth &+ 1)
      if key == "<<", isPlain {
        merged += try Self.mergedEntries(value, valuePlace)
        continue
      }
      let name = key.lowercased()
      if let line = lineOfName.updateValue(placed.line, forKey: name) {
        // Hosts have lived for years with such files: the agent that is replaced takes the last one.
        repeated.append(YAMLRepeatedKey(name: key, line: placed.line, firstLine: line))
      }
      let entry = YAMLEntry(name: name, line: placed.line, value: value)
      if let place = placeOfName[name] {
        entries[place] = entry
      } else {
        placeOfName[name] = entries.count
        entries.append(entry)
      }
    }
    // What a mapping says itself wins over what it merges in; of several merged mappings the first wins.
    for entry in merged where lineOfName[entry.name] == nil {
      lineOfName[entry.name] = entry.line
      entries.append(entry)
    }
    return entries
  }

  private static func mergedEntries(_ value: YAMLNode, _ placed: YAMLPlacedEvent) throws(YAMLError) -> [YAMLEntry] {
    switch value.content {
    case .mapping(let entries): return entries
    case .sequence(let nodes):
      var all: [YAMLEntry] = []
      for node in nodes {
        guard case .mapping(let entries) = node.content else { throw error(placed, "only mappings can be merged") }
        all += entries
      }
      return all
    case .scalar: throw error(placed, "only mappings can be merged")
    }
  }

  private static func error(_ placed: YAMLPlacedEvent, _ message: String) -> YAMLError {
    YAMLError(line: placed.line, column: placed.column, message: message)
  }
}
