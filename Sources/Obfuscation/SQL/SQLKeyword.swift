/// The words that the classic tokenizer tells from names.
enum SQLKeyword {
  /// What a word means; `identifier` for one that is no keyword.
  @inline(__always) static func kind(of word: TextBytes) -> SQLTokenKind {
    guard word.count >= 2, word.count <= 9 else { return .identifier }
    let initial = word[0] & 0xDF
    switch word.count {
    case 2: return initial == 0x41 && word.spells("AS") ? .alias : .identifier
    case 4: return ofFour(word, initial)
    case 5: return ofFive(word, initial)
    case 6: return ofSix(word, initial)
    case 8: return initial == 0x54 && word.spells("TRUNCATE") ? .keyword : .identifier
    case 9: return initial == 0x53 && word.spells("SAVEPOINT") ? .savepoint : .identifier
    default: return .identifier
    }
  }

  private static func ofFour(_ word: TextBytes, _ initial: UInt8) -> SQLTokenKind {
    switch initial {
    case UInt8(ascii: "F"): word.spells("FROM") ? .from : .identifier
    case UInt8(ascii: "I"): word.spells("INTO") ? .into : .identifier
    case UInt8(ascii: "J"): word.spells("JOIN") ? .join : .identifier
    case UInt8(ascii: "N"): word.spells("NULL") ? .null : .identifier
    case UInt8(ascii: "T"): word.spells("TRUE") ? .boolean : .identifier
    case UInt8(ascii: "D"): word.spells("DROP") ? .keyword : .identifier
    default: .identifier
    }
  }

  private static func ofFive(_ word: TextBytes, _ initial: UInt8) -> SQLTokenKind {
    switch initial {
    case UInt8(ascii: "L"): word.spells("LIMIT") ? .keyword : .identifier
    case UInt8(ascii: "F"): word.spells("FALSE") ? .boolean : .identifier
    case UInt8(ascii: "B"): word.spells("BEGIN") ? .keyword : .identifier
    case UInt8(ascii: "A"): word.spells("ALTER") ? .keyword : .identifier
    case UInt8(ascii: "G"): word.spells("GRANT") ? .keyword : .identifier
    default: .identifier
    }
  }

  private static func ofSix(_ word: TextBytes, _ initial: UInt8) -> SQLTokenKind {
    switch initial {
    case UInt8(ascii: "S"): word.spells("SELECT") ? .select : .identifier
    case UInt8(ascii: "U"): word.spells("UPDATE") ? .update : .identifier
    case UInt8(ascii: "D"): word.spells("DELETE") ? .delete : .identifier
    case UInt8(ascii: "I"): word.spells("INSERT") ? .keyword : .identifier
    case UInt8(ascii: "C"): word.spells("CREATE") || word.spells("COMMIT") ? .keyword : .identifier
    case UInt8(ascii: "R"): word.spells("REVOKE") ? .keyword : .identifier
    default: .identifier
    }
  }
}
