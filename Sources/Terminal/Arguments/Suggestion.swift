import Text

/// The known name that was probably meant by `word`: at most two letters away (fewer in short words), or the only one
/// that begins with it. `nil` when none is near.
package func suggestion(for word: String, among names: [String]) -> String? {
  let allowed = word.count <= 4 ? 1 : SpellingDistance.most
  let near = names.compactMap { name in
    SpellingDistance.between(word, name).flatMap { $0 <= allowed ? (name: name, slips: $0) : nil }
  }
  if let best = near.min(by: { $0.slips < $1.slips }) { return best.name }
  let beginnings = names.filter { word.count > 1 && $0.hasPrefix(word) }
  return beginnings.count == 1 ? beginnings[0] : nil
}
