/// How many slips of the hand lie between two names.
package enum SpellingDistance {
  /// Most slips that still look like the same name.
  package static let most = 2

  /// Insertions, removals, replacements and swaps of neighbours, each counted once; nil when more than `most`.
  ///
  /// O(a·b) for names whose lengths differ by at most `most`, which bounds it by the known name's length.
  package static func between(_ left: String, _ right: String) -> Int? {
    let a = Array(left.utf8)
    let b = Array(right.utf8)
    guard abs(a.count - b.count) <= most else { return nil }
    var before: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
        row.append(cost)
      }
      (before, last) = (last, row)
    }
    let distance = last[b.count]
    return distance <= most ? distance : nil
  }

  /// The nearest of some names, the alphabetically first of equally near ones. Short names must be nearer: two slips
  /// turn any word of three letters into most others.
  package static func nearest(to name: String, of candidates: [String]) -> String? {
    candidates.compactMap { candidate -> (Int, String)? in
      guard let distance = between(name, candidate), distance * 3 <= candidate.utf8.count else { return nil }
      return (distance, candidate)
    }.min(by: <)?.1
  }
}
