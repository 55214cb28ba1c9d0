import Platform

/// Owner of one file of the spool: records one behind the other, appended at its end and read from its beginning.
final class SpoolSegment {
  /// A record where it was found.
  struct Record {
    let offset: Int
    let head: SpoolRecordHead
    let description: SpooledDescription
    /// Where the next record begins.
    var end: Int { offset + head.recordBytes }
  }

  /// What the file begins with: its kind, and the version of its form.
  static let fileHead: [UInt8] = [UInt8]("roost spool 1\n\0\0".utf8)
  /// Files are read in pieces of this size where something damaged is skipped.
  private static let searchBytes = 64 << 10

  /// Segments are numbered in the order in which they were begun.
  let number: UInt64
  private let path: String
  private let descriptor: Int32
  /// Where the next record goes.
  private(set) var end: Int
  /// Offset of the record that is read next.
  var cursor = fileHead.count
  /// Records that have not come to their end.
  var openCount = 0
  /// Something was appended since `sync`.
  private(set) var isUnsynced = false
  /// The disk has failed to keep some of what was appended, be it the file's head, and the system does not say which part.
  /// Whatever is appended then may look safe and not be.
  private(set) var isDoubtful = false
  /// Records of these offsets are in memory too, and are not to be read again.
  var taken: Set<Int> = []

  static func path(_ folder: String, _ number: UInt64) -> String {
    let digits = String(number)
    return "\(folder)/\(String(repeating: "0", count: max(0, 12 - digits.count)))\(digits).segment"
  }

  /// The number of the segment in a file of this name; `nil` for other files.
  static func number(ofFile name: String) -> UInt64? {
    let digits = name.dropLast(".segment".count)
    guard name.hasSuffix(".segment"), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return UInt64(digits)
  }

  /// Makes a new file. One that is there already is left alone, and the error says so.
  init(creating number: UInt64, in folder: String) throws(SpoolError) {
    self.number = number
    path = SpoolSegment.path(folder, number)
    descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw .system(SystemError("open", errno), path: path) }
    end = 0
    do throws(SpoolError) {
      try write(SpoolSegment.fileHead, at: 0)
      end = SpoolSegment.fileHead.count
    } catch {
      unlink(path)
      throw error
    }
  }

  /// Opens a file that an earlier agent has left. A file that is no segment has nothing to read in it.
  init(opening number: UInt64, in folder: String) throws(SpoolError) {
    self.number = number
    path = SpoolSegment.path(folder, number)
    descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw .system(SystemError("open", errno), path: path) }
    end = 0
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .system(SystemError("fstat", errno), path: path) }
    end = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Whether the file begins as a segment of this form does. One that ends within that has nothing in it.
  var isOfThisForm: Bool {
    let head = (try? read(Self.fileHead.count, at: 0)) ?? []
    return Self.fileHead.starts(with: head) && head.count == min(Self.fileHead.count, end)
  }

  /// Writes a record behind the last one. After a failure the file is as long as before.
  /// - Returns: the record's offset.
  func append(_ description: SpooledDescription, body: [UInt8]) throws(SpoolError) -> Int {
    let described = description.bytes
    let head = SpoolRecordHead(descriptionBytes: described.count, body: body)
    let offset = end
    do throws(SpoolError) {
      let front = head.bytes(before: described) + described
      try write(front, at: offset)
      try write(body, at: offset + front.count)
    } catch {
      _ = ftruncate(descriptor, off_t(offset))
      throw error
    }
    end += head.recordBytes
    openCount += 1
    isUnsynced = true
    return offset
  }

  /// Returns when all that was appended survives a loss of power.
  /// - Parameter sync: does that for a descriptor.
  func sync(_ sync: (Int32) throws(SystemError) -> Void) throws(SpoolError) {
    do throws(SystemError) { try sync(descriptor) } catch {
      isDoubtful = true
      throw .system(error, path: path)
    }
    isUnsynced = false
  }

  /// Marks a record as one that has come to its end.
  func finish(_ offset: Int) throws(SpoolError) {
    taken.remove(offset)
    openCount -= 1
    try write([SpoolRecordHead.finished], at: offset + SpoolRecordHead.stateOffset)
  }

  /// The record at this offset; `nil` when there is no sound one.
  func record(at offset: Int) throws(SpoolError) -> Record? {
    guard offset >= 0, offset <= end - SpoolRecordHead.byteCount else { return nil }
    let bytes = try read(SpoolRecordHead.byteCount, at: offset)
    guard let head = SpoolRecordHead(bytes), head.recordBytes <= end - offset else { return nil }
    let described = try read(head.descriptionBytes, at: offset + SpoolRecordHead.byteCount)
    guard SpoolRecordHead.isSound(head: bytes, description: described),
      let description = SpooledDescription(described)
    else { return nil }
    return Record(offset: offset, head: head, description: description)
  }

  /// The first sound record from this offset on, however much that is damaged lies before it; `nil` when there is none.
  func nextRecord(from offset: Int) throws(SpoolError) -> Record? {
    if let record = try record(at: offset) { return record }
    var start = offset
    while start <= end - SpoolRecordHead.byteCount {
      let piece = try read(min(Self.searchBytes, end - start), at: start)
      for place in piece.indices where piece[place] == SpoolRecordHead.magic[0] && start + place > offset {
        if let record = try record(at: start + place) { return record }
      }
      if piece.isEmpty { return nil }
      start += piece.count
    }
    return nil
  }

  /// The body of a record; `nil` when it is not as it was written.
  func body(of record: Record) throws(SpoolError) -> [UInt8]? {
    let body = try read(record.head.bodyBytes, at: record.end - record.head.bodyBytes)
    return SpoolRecordHead.checksum(body) == record.head.bodyChecksum ? body : nil
  }

  /// Cuts off what lies behind `offset`.
  func cut(at offset: Int) {
    if ftruncate(descriptor, off_t(offset)) == 0 { end = offset }
  }

  /// Removes the file; what is open stays readable until this is gone.
  func remove() { unlink(path) }

  private func write(_ bytes: [UInt8], at offset: Int) throws(SpoolError) {
    do throws(SystemError) { try FileParts.write(bytes, to: descriptor, at: offset) } catch {
      throw .system(error, path: path)
    }
  }

  private func read(_ count: Int, at offset: Int) throws(SpoolError) -> [UInt8] {
    do throws(SystemError) { return try FileParts.read(descriptor, count, at: offset) } catch {
      throw .system(error, path: path)
    }
  }
}
