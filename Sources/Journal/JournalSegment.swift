import Platform

/// Owner of one file of the journal: entries one behind the other, and zeros behind the last. What follows those is of an
/// earlier life of the file, and means nothing.
final class JournalSegment {
  /// What the file begins with: its kind, the version of its form, and behind it the number of its agent's first segment and
  /// that agent's sign.
  private static let fileHead: [UInt8] = [UInt8]("roost journal 2\n".utf8)
  static let headBytes = fileHead.count + 8 + JournalSign.byteCount
  /// Ends what is written; no entry begins with them.
  private static let ending = [UInt8](repeating: 0, count: 8)
  /// Files are read in pieces of this size where something damaged is skipped.
  private static let searchBytes = 64 << 10

  /// Segments are numbered in the order in which they were begun.
  let number: UInt64
  /// The first segment of the agent that wrote it: marks hold for the requests of the same agent only. 0 in a file of
  /// another form.
  let run: UInt64
  /// Of the agent that wrote it.
  let sign: JournalSign
  private let hasHead: Bool
  private let path: String
  private let descriptor: Int32
  /// Where the next entry goes; of a file that was opened, its size, before `goOn`.
  private(set) var end: Int
  /// Bytes that the file has on disk.
  private var size: Int
  /// When this agent began or opened it.
  let began = ContinuousClock.now

  static func path(_ folder: String, _ number: UInt64) -> String {
    let digits = String(number)
    return "\(folder)/\(String(repeating: "0", count: max(0, 12 - digits.count)))\(digits).journal"
  }

  /// The number of the segment in a file of this name; `nil` for other files.
  static func number(ofFile name: String) -> UInt64? {
    let digits = name.dropLast(".journal".count)
    guard name.hasSuffix(".journal"), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return UInt64(digits)
  }

  /// Makes a new file.
  /// - Parameter isNameDurable: its name survives a loss of power too, which is waited for.
  init(
    creating number: UInt64, run: UInt64, _ sign: JournalSign, in folder: String, isNameDurable: Bool = true
  ) throws(JournalError) {
    self.number = number
    self.run = run
    self.sign = sign
    hasHead = true
    path = JournalSegment.path(folder, number)
    descriptor = Platform.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw .system(SystemError("open", errno), path: path) }
    (end, size) = (0, 0)
    do throws(JournalError) {
      try append([Self.head(run, sign)])
      if isNameDurable { try JournalFolder.sync(folder) }
    } catch {
      unlink(path)
      throw error
    }
  }

  /// Gives a file that nobody needs any more a new life: its blocks on disk and its pages in memory are there already, and
  /// need not be found for what is written over the old.
  init(
    recycling spare: String, as number: UInt64, run: UInt64, _ sign: JournalSign, in folder: String,
    syncNames: (String) throws(JournalError) -> Void = JournalFolder.sync
  ) throws(JournalError) {
    self.number = number
    self.run = run
    self.sign = sign
    hasHead = true
    path = JournalSegment.path(folder, number)
    descriptor = Platform.open(spare, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw .system(SystemError("open", errno), path: spare) }
    var status = stat()
    (end, size) = (0, fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0)
    // Nobody takes it for a segment before its head and ending are on disk: behind them is its old life.
    try append([Self.head(run, sign)])
    try sync()
    guard rename(spare, path) == 0 else { throw .system(SystemError("rename", errno), path: path) }
    do throws(JournalError) { try syncNames(folder) } catch {
      unlink(path)
      throw error
    }
  }

  private static func head(_ run: UInt64, _ sign: JournalSign) -> [UInt8] {
    var head = fileHead
    head.append(number: run)
    return head + sign.bytes
  }

  /// Opens a file that an earlier agent has left; `nil` when it has another form.
  static func open(_ number: UInt64, in folder: String) throws(JournalError) -> JournalSegment? {
    let segment = try JournalSegment(opening: number, in: folder)
    return segment.run == 0 ? nil : segment
  }

  /// Whether a file has a head, of whatever form: it has none when its agent ended before it was written.
  static func hasHead(_ number: UInt64, in folder: String) throws(JournalError) -> Bool {
    try JournalSegment(opening: number, in: folder).hasHead
  }

  private init(opening number: UInt64, in folder: String) throws(JournalError) {
    let path = JournalSegment.path(folder, number)
    let descriptor = Platform.open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw .system(SystemError("open", errno), path: path) }
    var status = stat()
    size = fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    end = size
    let head: [UInt8]
    do throws(JournalError) {
      head = try Self.read(descriptor, Self.headBytes, at: 0, path)
    } catch {
      close(descriptor)
      throw error
    }
    var rest = head.dropFirst(Self.fileHead.count)
    let run: UInt64 = rest.takeNumber()
    let sign = JournalSign(rest)
    self.run = head.starts(with: Self.fileHead) && sign != nil ? run : 0
    self.sign = sign ?? JournalSign.random()
    hasHead = head.contains { $0 != 0 }
    self.number = number
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Appends parts one behind the other. What cannot be written whole is not there.
  func append(_ parts: [[UInt8]]) throws(JournalError) {
    let count = parts.reduce(0) { $0 + $1.count }
    do throws(SystemError) {
      // First, so that an agent that ends between the two leaves the old ending.
      try FileParts.write(Self.ending, to: descriptor, at: end + count)
      var place = end
      for part in parts {
        try FileParts.write(part, to: descriptor, at: place)
        place += part.count
      }
    } catch {
      cut(at: end)
      throw .system(error, path: path)
    }
    end += count
    size = max(size, end + Self.ending.count)
  }

  /// Gives back what the file has on disk beyond its end.
  func trim() {
    let needed = end + Self.ending.count
    if size > needed, ftruncate(descriptor, off_t(needed)) == 0 { size = needed }
  }

  /// Goes on to write behind an entry.
  func goOn(at offset: Int) { end = offset }

  /// Returns when all that was appended survives a loss of power.
  func sync() throws(JournalError) {
    do throws(SystemError) { try DurableFiles.sync(descriptor) } catch { throw .system(error, path: path) }
  }

  /// Takes back what was appended behind `offset` and may not be there.
  func cut(at offset: Int) {
    if ftruncate(descriptor, off_t(offset)) == 0 { (end, size) = (offset, offset) }
  }

  /// Removes the file from its folder.
  func remove() { unlink(path) }
}

/// Reading what an earlier agent has written.
extension JournalSegment {
  /// An entry where it was found.
  struct Entry {
    let offset: Int
    let head: JournalHead
    var end: Int { offset + head.entryBytes }
  }

  /// The first sound entry from this offset on, and whether something that is none lies before it; `nil` when there is none.
  func nextEntry(from offset: Int) throws(JournalError) -> (entry: Entry, rest: [UInt8], isDamaged: Bool)? {
    if let found = try entry(at: offset) { return (found.entry, found.rest, false) }
    if try isEnd(offset) { return nil }
    var start = offset
    while start <= end - JournalHead.byteCount {
      let piece = try Self.read(descriptor, min(Self.searchBytes, end - start), at: start, path)
      for place in piece.indices where piece[place] == sign.bytes[0] && start + place > offset {
        if let found = try entry(at: start + place) { return (found.entry, found.rest, true) }
      }
      if piece.isEmpty { return nil }
      start += piece.count
    }
    return nil
  }

  /// Whether nothing was written from this offset on.
  func isEnd(_ offset: Int) throws(JournalError) -> Bool {
    let found = try Self.read(descriptor, min(Self.ending.count, max(end - offset, 0)), at: offset, path)
    return found.allSatisfy { $0 == 0 }
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

  private static func read(
    _ descriptor: Int32, _ count: Int, at offset: Int, _ path: String
  ) throws(JournalError) -> [UInt8] {
    do throws(SystemError) { return try FileParts.read(descriptor, count, at: offset) } catch {
      throw .system(error, path: path)
    }
  }
}
