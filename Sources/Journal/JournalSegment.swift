import Platform

/// Owner of one file of the journal: entries one behind the other, and zeros behind the last. What follows those is of an
/// earlier life of the file, whose entries have another sign and so mean nothing.
final class JournalSegment {
  /// What the file begins with: its kind, the version of its form, and behind it the number of its agent's first segment and
  /// the sign of its own entries.
  private static let fileHead: [UInt8] = [UInt8]("roost journal 2\n".utf8)
  static let headBytes = fileHead.count + 8 + JournalSign.byteCount
  /// Ends what is written; no entry begins with them.
  private static let ending = [UInt8](repeating: 0, count: 8)

  /// Segments are numbered in the order in which they were begun.
  let number: UInt64
  /// The first segment of the agent that wrote it: marks hold for the requests of the same agent only.
  let run: UInt64
  /// Of this life of the file.
  let sign: JournalSign
  let path: String
  let descriptor: Int32
  private let calls: SegmentCalls
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
    creating number: UInt64, run: UInt64, in folder: String, isNameDurable: Bool = true,
    _ calls: SegmentCalls = SegmentCalls()
  ) throws(JournalError) {
    self.number = number
    self.run = run
    self.calls = calls
    sign = .random()
    path = JournalSegment.path(folder, number)
    descriptor = Platform.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw .system(SystemError("open", errno), path: path) }
    (end, size) = (0, 0)
    do throws(JournalError) {
      try append([Self.head(run, sign)])
      if isNameDurable { try syncNames(folder) }
    } catch {
      unlink(path)
      throw error
    }
  }

  /// Gives a file that nobody needs any more a new life: its blocks on disk and its pages in memory are there already, and
  /// need not be found for what is written over the old.
  init(
    recycling spare: String, as number: UInt64, run: UInt64, in folder: String, _ calls: SegmentCalls = SegmentCalls()
  ) throws(JournalError) {
    self.number = number
    self.run = run
    self.calls = calls
    sign = .random()
    path = JournalSegment.path(folder, number)
    descriptor = Platform.open(spare, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw .system(SystemError("open", errno), path: spare) }
    var status = stat()
    (end, size) = (0, fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0)
    // Nobody takes it for a segment before the head is on disk by whose sign its old life is known.
    try append([Self.head(run, sign)])
    try sync()
    do throws(SystemError) { try calls.rename(spare, path) } catch { throw .system(error, path: path) }
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

  private func syncNames(_ folder: String) throws(JournalError) {
    do throws(SystemError) { try calls.syncNames(folder) } catch { throw .system(error, path: folder) }
  }

  /// What a file of an earlier agent turns out to be.
  enum Opened {
    case segment(JournalSegment)
    /// Nothing was written to it before its agent ended.
    case empty
    /// A later roost has written it, or an older one; or its head is damaged.
    case foreign
  }

  /// Opens a file that an earlier agent has left.
  static func open(_ number: UInt64, in folder: String) throws(JournalError) -> Opened {
    let path = JournalSegment.path(folder, number)
    let descriptor = Platform.open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw .system(SystemError("open", errno), path: path) }
    var status = stat()
    let size = fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    do throws(JournalError) {
      let head = try read(descriptor, headBytes, at: 0, path)
      var rest = head.dropFirst(fileHead.count)
      let run: UInt64 = rest.takeNumber()
      if head.starts(with: fileHead), let sign = JournalSign(rest) {
        return .segment(
          JournalSegment(opened: number, path: path, descriptor: descriptor, run: run, sign: sign, size: size))
      }
      let isEmpty = size < headBytes ? true : try isZero(descriptor, from: 0, to: size, path)
      close(descriptor)
      return isEmpty ? .empty : .foreign
    } catch {
      close(descriptor)
      throw error
    }
  }

  private init(opened number: UInt64, path: String, descriptor: Int32, run: UInt64, sign: JournalSign, size: Int) {
    self.number = number
    self.path = path
    self.descriptor = descriptor
    self.run = run
    self.sign = sign
    (end, self.size) = (size, size)
    calls = SegmentCalls()
  }

  deinit { close(descriptor) }

  /// Appends parts one behind the other. What cannot be written whole is not there.
  func append(_ parts: [[UInt8]]) throws(JournalError) {
    var place = end
    do throws(SystemError) {
      for (index, part) in parts.enumerated() {
        let isLast = index == parts.count - 1
        if isLast || !part.isEmpty { try calls.write(part, isLast ? Self.ending : [], descriptor, place) }
        place += part.count
      }
    } catch {
      cut(at: end)
      throw .system(error, path: path)
    }
    end = place
    size = max(size, end + Self.ending.count)
  }

  /// Bytes that the file has on disk behind what is written: those of its earlier life.
  var spareBytes: Int { max(size - end - Self.ending.count, 0) }

  /// Gives back what the file has on disk beyond its end.
  func trim() {
    let needed = end + Self.ending.count
    if size > needed, ftruncate(descriptor, off_t(needed)) == 0 { size = needed }
  }

  /// Goes on to write behind an entry.
  func goOn(at offset: Int) { end = offset }

  /// Returns when all that was appended survives a loss of power.
  func sync() throws(JournalError) {
    do throws(SystemError) { try calls.sync(descriptor) } catch { throw .system(error, path: path) }
  }

  /// Takes back what was appended behind `offset` and may not be there.
  func cut(at offset: Int) {
    if ftruncate(descriptor, off_t(offset)) == 0 { (end, size) = (offset, offset) }
  }

  /// Removes the file from its folder.
  func remove() { unlink(path) }
}
