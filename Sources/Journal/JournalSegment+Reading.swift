import Platform

/// Reading what an earlier agent has written.
extension JournalSegment {
  /// Files are read in pieces of this size where something damaged is skipped.
  private static let searchBytes = 64 << 10

  /// An entry where it was found.
  struct Entry {
    let offset: Int
    let head: JournalHead
    var end: Int { offset + head.entryBytes }
  }

  /// The first sound entry from this offset on, and whether something that is none lies before it; `nil` when there is none.
  /// What lies behind the last one is of an earlier life of the file, or was being written when the agent ended.
  func nextEntry(from offset: Int) throws(JournalError) -> (entry: Entry, rest: [UInt8], isDamaged: Bool)? {
    if let found = try entry(at: offset) { return (found.entry, found.rest, false) }
    let sign = sign.bytes
    var start = offset
    while start <= end - JournalHead.byteCount {
      let piece = try Self.read(descriptor, min(Self.searchBytes, end - start), at: start, path)
      guard piece.count >= sign.count else { return nil }
      for place in 0...(piece.count - sign.count) where piece[place] == sign[0] && start + place > offset {
        guard piece[place..<place + sign.count].elementsEqual(sign) else { continue }
        if let found = try entry(at: start + place) { return (found.entry, found.rest, true) }
      }
      // A sign may begin in one piece and end in the next.
      start += piece.count - sign.count + 1
    }
    return nil
  }

  /// Whether nothing was written from this offset on.
  func isEnd(_ offset: Int) throws(JournalError) -> Bool {
    try Self.isZero(descriptor, from: offset, to: min(offset + JournalSign.byteCount, end), path)
  }

  /// The entry at an offset with its description and body; `nil` when there is no sound one.
  private func entry(at offset: Int) throws(JournalError) -> (entry: Entry, rest: [UInt8])? {
    guard offset <= end - JournalHead.byteCount else { return nil }
    let bytes = try Self.read(descriptor, JournalHead.byteCount, at: offset, path)
    guard let head = JournalHead(bytes, sign), head.entryBytes <= end - offset else { return nil }
    let count = head.descriptionBytes + head.bodyBytes
    let rest = try Self.read(descriptor, count, at: offset + JournalHead.byteCount, path)
    guard rest.count == count, rest.withUnsafeBytes({ head.isSound($0) }) else { return nil }
    return (Entry(offset: offset, head: head), rest)
  }

  /// Whether a part of a file has nothing but zeros.
  static func isZero(
    _ descriptor: Int32, from offset: Int, to end: Int, _ path: String
  ) throws(JournalError) -> Bool {
    var place = offset
    while place < end {
      let piece = try read(descriptor, min(searchBytes, end - place), at: place, path)
      if piece.contains(where: { $0 != 0 }) { return false }
      if piece.isEmpty { return true }
      place += piece.count
    }
    return true
  }

  static func read(_ descriptor: Int32, _ count: Int, at offset: Int, _ path: String) throws(JournalError) -> [UInt8] {
    do throws(SystemError) { return try FileParts.read(descriptor, count, at: offset) } catch {
      throw .system(error, path: path)
    }
  }
}
