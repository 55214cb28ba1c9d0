/// Damages payloads as a broken client, a broken network or somebody with bad intentions would.
package struct Mutator {
  private var random: SeededGenerator
  /// Pieces of these are put into others.
  private let corpus: [[UInt8]]

  package init(seed: UInt64, corpus: [[UInt8]]) {
    random = SeededGenerator(seed: seed)
    self.corpus = corpus
  }

  /// A payload of the corpus with one to four changes.
  package mutating func next() -> [UInt8] {
    var bytes = random.pick(corpus)
    for _ in 0...random.below(4) { change(&bytes) }
    return bytes
  }

  private mutating func change(_ bytes: inout [UInt8]) {
    guard !bytes.isEmpty else { return bytes.append(UInt8.random(in: 0...255, using: &random)) }
    let at = random.below(bytes.count)
    switch random.below(8) {
    case 0: bytes[at] ^= 1 << UInt8(random.below(8))
    case 1: bytes[at] = UInt8.random(in: 0...255, using: &random)
    case 2:
      // Every format byte, and the edges of the ranges between them.
      bytes[at] = random.pick([0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xE0, 0xFF] + Array(0xC0...0xDF))
    case 3: bytes.removeSubrange(at..<min(bytes.count, at + 1 + random.below(9)))
    case 4: bytes.insert(contentsOf: piece(of: random.pick(corpus), countMax: 12), at: at)
    case 5: bytes.insert(contentsOf: piece(of: bytes, countMax: 40), at: at)
    case 6: bytes.removeSubrange(at...)
    default:
      // A count or a length of four bytes.
      let value = random.pick([0, .max, 0x7F] as [UInt8])
      for index in at..<min(bytes.count, at + 4) { bytes[index] = value }
    }
  }

  private mutating func piece(of bytes: [UInt8], countMax: Int) -> ArraySlice<UInt8> {
    guard !bytes.isEmpty else { return [] }
    let start = random.below(bytes.count)
    return bytes[start..<min(bytes.count, start + 1 + random.below(countMax))]
  }
}
