import Foundation

extension Fixtures {
  /// The cases of `vectors/NAME.json`, of all its groups.
  public static func vectors(_ name: String) throws -> [[String: Any]] {
    guard let document = try json("vectors/\(name).json") as? [String: Any] else { return [] }
    if let cases = document["cases"] as? [[String: Any]] { return cases }
    let groups = document["groups"] as? [[String: Any]] ?? []
    return groups.flatMap { $0["cases"] as? [[String: Any]] ?? [] }
  }

  /// Pairs of texts: what goes in and what has to come out, by the names of their fields.
  public static func pairs(_ name: String, from input: String = "input", to output: String = "expected") throws
    -> [(input: String, expected: String)]
  {
    try vectors(name).compactMap { vector in
      guard let input = vector[input] as? String, let expected = vector[output] as? String else { return nil }
      return (input, expected)
    }
  }
}
