/// Finds many phrases in a line in one pass: most lines of a log hold none, and a log has many lines.
struct LogPhrases: Sendable {
  private let phrases: [[UInt8]]
  /// Positions in `phrases` by their first byte.
  private let byFirst: [[Int]]
  /// Whether a phrase begins with these two bytes, the first times 256 plus the second.
  private let begins: [Bool]

  /// Phrases of at least two bytes; shorter ones are never found.
  init(_ texts: [String]) {
    phrases = texts.map { Array($0.utf8) }
    var byFirst = [[Int]](repeating: [], count: 256)
    var begins = [Bool](repeating: false, count: 65_536)
    for (position, phrase) in phrases.enumerated() where phrase.count > 1 {
      byFirst[Int(phrase[0])].append(position)
      begins[Int(phrase[0]) << 8 | Int(phrase[1])] = true
    }
    self.byFirst = byFirst
    self.begins = begins
  }

  /// Where each phrase that occurs begins first, by its position in what was given. Linear in the line's length.
  func found(in line: LogText) -> [Int: Int] {
    var found: [Int: Int] = [:]
    line.bytes.withUnsafeBufferPointer { bytes in
      begins.withUnsafeBufferPointer { begins in
        var offset = 0
        while offset + 1 < bytes.count {
          if begins[Int(bytes[offset]) << 8 | Int(bytes[offset + 1])] {
            for position in byFirst[Int(bytes[offset])] where found[position] == nil {
              let phrase = phrases[position]
              guard bytes.count - offset >= phrase.count else { continue }
              if bytes[offset..<offset + phrase.count].elementsEqual(phrase) { found[position] = offset }
            }
          }
          offset += 1
        }
      }
    }
    return found
  }
}
