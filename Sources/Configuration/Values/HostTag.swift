/// A tag of this machine, as it was written: `key:value`, or a key alone.
package struct HostTag: Sendable, Equatable {
  package let text: String

  init(_ text: String) { self.text = text }

  /// What stands before the first colon.
  package var key: String { String(text.prefix { $0 != ":" }) }

  /// What stands behind the first colon; empty where there is none.
  package var value: String { String(text.dropFirst(key.count + 1)) }
}

extension AgentConfiguration {
  /// The tags of `tags` and `extra_tags`, in that order, each once.
  package var allHostTags: [HostTag] {
    var seen: Set<String> = []
    return (hostTags + extraHostTags).filter { seen.insert($0).inserted }.map(HostTag.init)
  }
}
