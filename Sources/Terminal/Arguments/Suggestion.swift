import Text

/// The known name that was probably meant by `word`: the same but for capitals, at most two letters away (fewer in short
/// words), or the only one that begins with it. `nil` when none is near.
package func suggestion(for word: String, among names: [String]) -> String? {
  if let same = names.first(where: { isSame(word, $0) }) { return same }
  let allowed = word.count <= 4 ? 1 : SpellingDistance.most
  let near = names.compactMap { name in
    SpellingDistance.between(word, name).flatMap { $0 <= allowed ? (name: name, slips: $0) : nil }
  }
  if let best = near.min(by: { $0.slips < $1.slips }) { return best.name }
  let beginnings = names.filter { word.count > 1 && $0.hasPrefix(word) }
  return beginnings.count == 1 ? beginnings[0] : nil
}

/// Whether two names differ in capitals at most. What is too long for a name is not compared.
private func isSame(_ word: String, _ name: String) -> Bool {
  word.utf8.count == name.utf8.count && word.utf8.count <= 1_000 && word.lowercased() == name.lowercased()
}
