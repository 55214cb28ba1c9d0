/// An attribute of a link or an event.
package struct TraceAttribute: Sendable, Equatable {
  package var key: String
  package var value: TraceAttributeValue

  /// A key and its typed value.
  package init(_ key: String, _ value: TraceAttributeValue) {
    self.key = key
    self.value = value
  }
}

/// The value of an attribute whose type the client said.
package indirect enum TraceAttributeValue: Sendable, Equatable {
  case text(String)
  case bool(Bool)
  case int(Int64)
  case double(Double)
  case array([TraceAttributeValue])
}

extension [TraceAttribute] {
  /// Lists within lists that are put together again at most.
  private static let depthMax = 4

  /// The same with lists put together that came in pieces: tracers write the list `a` of a link as `a.0`, `a.1`, …, in any
  /// order, as its attributes are texts. A list stands where its first piece stood.
  var joiningLists: [TraceAttribute] {
    var attributes = self
    for _ in 0..<Self.depthMax {
      guard let joined = attributes.joinedOnce else { break }
      attributes = joined
    }
    return attributes
  }

  /// `nil` when there is no list to put together.
  private var joinedOnce: [TraceAttribute]? {
    var lists: [Substring: [(index: Int, value: TraceAttributeValue)]] = [:]
    for attribute in self {
      guard let (name, index) = Self.piece(attribute.key) else { continue }
      lists[name, default: []].append((index, attribute.value))
    }
    guard !lists.isEmpty else { return nil }
    let names = Set(lazy.map(\.key))
    for (name, pieces) in lists {
      let indices = Set(pieces.lazy.map(\.index))
      let isWhole = indices.count == pieces.count && indices.max() == pieces.count - 1
      if !isWhole || names.contains(String(name)) { lists[name] = nil }
    }
    guard !lists.isEmpty else { return nil }
    return compactMap { attribute in
      guard let (name, _) = Self.piece(attribute.key), let pieces = lists[name] else { return attribute }
      lists[name] = []
      return pieces.isEmpty
        ? nil : TraceAttribute(String(name), .array(pieces.sorted { $0.index < $1.index }.map(\.value)))
    }
  }

  /// A key such as `a.0`, taken apart.
  private static func piece(_ key: String) -> (name: Substring, index: Int)? {
    guard let dot = key.lastIndex(of: "."), dot > key.startIndex else { return nil }
    let digits = key[key.index(after: dot)...]
    guard let index = Int(digits), index >= 0, String(index) == digits else { return nil }
    return (key[..<dot], index)
  }
}
