/// How JSON of one kind is obfuscated: queries of MongoDB, bodies of Elasticsearch, plans of SQL.
package struct JSONBodyOptions: Sendable, Equatable {
  /// Whether spans have theirs obfuscated.
  package var isEnabled: Bool
  /// Keys whose values are kept, with all that is in them.
  package var keptKeys: Set<String> = []
  /// Keys whose texts are SQL, and obfuscated as such.
  package var sqlKeys: Set<String> = []

  /// Options that keep no value of any key.
  package init(isEnabled: Bool) {
    self.isEnabled = isEnabled
  }
}
