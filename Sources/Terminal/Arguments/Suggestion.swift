/// The known name that was probably meant by `word`: at most two letters away (fewer in short words), or the only one
/// that begins with it. `nil` when none is near.
package func suggestion(for word: String, among names: [String]) -> String? {
  let ranked = names.map { (name: $0, distance: editDistance(word, $0)) }
  let allowed = word.count <= 4 ? 1 : 2
  if let best = ranked.min(by: { $0.distance < $1.distance }), best.distance <= allowed { return best.name }
  let beginnings = names.filter { word.count > 1 && $0.hasPrefix(word) }
  return beginnings.count == 1 ? beginnings[0] : nil
}

/// Letters to insert, remove, replace or swap with their neighbour to make one word the other. O(n·m); words longer
/// than 64 letters are never near.
package func editDistance(_ one: String, _ other: String) -> Int {
  let a = Array(one)
  let b = Array(other)
  guard a.count <= 64, b.count <= 64 else { return .max }
  var beforeLast: [Int] = []
  var last = Array(0...b.count)
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      var best = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, beforeLast[j - 1] + 1) }
      row.append(best)
    }
    beforeLast = last
    last = row
  }
  return last[b.count]
}
