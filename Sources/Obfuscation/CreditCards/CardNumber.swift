/// Recognizes numbers of payment cards.
package enum CardNumber {
  /// Digits of a card number at least and at most.
  static let digits = 12...16

  /// Whether the whole text is a card number: digits, with blanks and dashes anywhere, that begin as an issuer's do.
  /// - Parameter checksum: the last digit has to fit by Luhn's rule, too.
  package static func matches(_ text: TextBytes, checksum: Bool) -> Bool {
    // Ids in hexadecimal often begin like a card's number, and end here for less than looking for an issuer costs.
    guard mayBegin(text), hasOnlyParts(text) else { return false }
    var prefix = CardPrefix()
    var count = 0
    for index in 0..<text.count {
      let byte = text[index]
      guard CharacterClass.isDigit(byte) else { continue }
      guard prefix.accept(byte &- 0x30) else { return false }
      count += 1
    }
    return digits.contains(count) && prefix.isKnown && (!checksum || hasChecksum(text))
  }

  /// Whether the length and the first byte allow for a card number, as those of few texts do.
  @inline(__always) package static func mayBegin(_ text: TextBytes) -> Bool {
    text.count >= digits.lowerBound && isPart(text[0])
  }

  /// Whether the text is made of blanks, dashes and no more digits than a card's number has.
  private static func hasOnlyParts(_ text: TextBytes) -> Bool {
    var count = 0
    for index in 0..<text.count {
      let byte = text[index]
      guard isPart(byte) else { return false }
      if CharacterClass.isDigit(byte) { count &+= 1 }
      if count > digits.upperBound { return false }
    }
    return true
  }

  @inline(__always) private static func isPart(_ byte: UInt8) -> Bool {
    CharacterClass.isDigit(byte) || byte == 0x20 || byte == UInt8(ascii: "-")
  }

  /// Luhn: from the last digit on every second one counts twice, and the sum of all digits ends with 0.
  private static func hasChecksum(_ text: TextBytes) -> Bool {
    var (sum, isDoubled) = (0, false)
    for index in stride(from: text.count - 1, through: 0, by: -1) where CharacterClass.isDigit(text[index]) {
      let digit = Int(text[index] &- 0x30) * (isDoubled ? 2 : 1)
      sum += digit > 9 ? digit - 9 : digit
      isDoubled.toggle()
    }
    return sum % 10 == 0
  }
}

/// The first digits of a card number, which name its issuer.
struct CardPrefix {
  enum Match { case no, maybe, yes }

  /// Prefixes of issuers, by their number of digits.
  private static func isIssuer(_ number: Int, digits: Int) -> Bool {
    switch digits {
    case 1: number == 1 || number == 4
    case 2: (34...39).contains(number) || (51...55).contains(number) || number == 62 || number == 65
    case 3: (300...305).contains(number) || number == 309 || number == 636 || (644...649).contains(number)
    case 4: (3528...3589).contains(number) || number == 5019 || number == 6011
    case 6:
      (222_100...272_099).contains(number) || (500_000...509_999).contains(number)
        || (560_000...589_999).contains(number) || (600_000...699_999).contains(number)
    default: false
    }
  }

  /// Whether further digits can make an issuer's prefix of it.
  private static func mayBecomeIssuer(_ number: Int, digits: Int) -> Bool {
    switch digits {
    case 1: number == 2 || number == 3 || number == 5 || number == 6
    case 2:
      number == 30 || number == 35 || number == 50 || number / 10 == 6 || (22...27).contains(number)
        || (56...58).contains(number)
    case 3:
      (352...358).contains(number) || (222...272).contains(number) || (500...509).contains(number)
        || (560...589).contains(number) || (600...699).contains(number)
    case 4:
      (2221...2720).contains(number) || (5000...5099).contains(number) || (5600...5899).contains(number)
        || (6000...6999).contains(number)
    case 5:
      (22_210...27_209).contains(number) || (50_000...50_999).contains(number) || (56_000...58_999).contains(number)
        || (60_000...69_999).contains(number)
    default: false
    }
  }

  private var number = 0
  private var count = 0
  private(set) var isKnown = false

  /// Takes one more digit. Returns false as soon as no issuer is left.
  mutating func accept(_ digit: UInt8) -> Bool {
    if isKnown { return true }
    number = number * 10 + Int(digit)
    count += 1
    switch Self.match(number, digits: count) {
    case .yes: isKnown = true
    case .no: return false
    case .maybe: break
    }
    return true
  }

  static func match(_ number: Int, digits: Int) -> Match {
    if isIssuer(number, digits: digits) { return .yes }
    return mayBecomeIssuer(number, digits: digits) ? .maybe : .no
  }
}
