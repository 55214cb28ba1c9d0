import Platform

/// The payloads of one kind for one destination that are kept on disk: a row of segments, appended at the end of the last
/// and read from the beginning of the first.
///
/// While it is empty it has no file, no descriptor and no folder. A record that is being sent stays on disk until its end
/// is reported, so that a process that dies sends it again. Belongs to one thread at a time.
final class Spool {
  /// The place of a record: its segment and the offset in that.
  struct Reference: Hashable, Sendable, Comparable {
    let segment: UInt64
    let offset: Int

    static func < (left: Self, right: Self) -> Bool {
      (left.segment, left.offset) < (right.segment, right.offset)
    }
  }

  /// What was found of an earlier agent.
  struct Recovered: Equatable {
    var payloads = 0
    /// Bytes of the payloads' bodies.
    var bytes = 0
    var counts = PayloadCounts()
    /// When the oldest was made, in nanoseconds since 1970; `nil` when there is none.
    var oldestNs: Int64?
    /// Places where something could not be read: a record that was being written when its agent died, for one.
    var damagedCount = 0
    /// Files that have another form, of a later roost for one, and stay as they are.
    var foreignCount = 0
  }

  /// A payload that was on disk and is not any more, though nobody took it.
  struct GivenUp {
    let description: SpooledDescription
    /// Bytes of the payload's body.
    let bytes: Int
  }

  /// What the next record turned out to be.
  enum Next {
    case record(Reference, OutgoingPayload, createdNs: Int64)
    /// Its body is not as it was written. It is finished.
    case damaged(GivenUp)
    /// There is nothing more to read.
    case none
  }

  let folder: String
  private let bytesMax: Int
  private let isDurable: Bool
  /// The files, in the order of their age: the oldest first.
  private var segments: [SpoolSegment] = []
  /// `nil` while there is nothing on disk.
  private var lock: FolderLock?
  /// Records that were read and are to be read again, oldest first.
  private var returned: [Reference] = []
  private var nextNumber: UInt64 = 1
  private var recovered = Recovered()
  /// Segments of earlier agents that cannot be read, or are of another form. They are counted once.
  private var leftAlone: Set<UInt64> = []
  /// Segments that were given up, and whose records are on disk no longer, also where they are being sent.
  private var lostSegments: Set<UInt64> = []
  /// A file was made since `sync`, and the folder perhaps.
  private var hasNewNames = false
  /// Makes the names in a folder survive a loss of power.
  var syncNames: @Sendable (_ folder: String) throws(SystemError) -> Void = { folder throws(SystemError) in
    try DurableFiles.syncNames(in: folder)
  }
  /// Makes what was written to a file survive it.
  var syncFile: @Sendable (_ descriptor: Int32) throws(SystemError) -> Void = { descriptor throws(SystemError) in
    try DurableFiles.sync(descriptor)
  }

  /// - Parameter isDurable: `sync` waits for the disk.
  init(folder: String, bytesMax: Int, isDurable: Bool = false) {
    self.folder = folder
    self.bytesMax = bytesMax
    self.isDurable = isDurable
  }

  /// A segment is given up as a whole when there is too much: a sixteenth of what may be kept.
  private var segmentBytesMax: Int { max(bytesMax / 16, 64 << 10) }

  /// Bytes that all files take together.
  var fileBytes: Int { segments.reduce(0) { $0 + $1.end } }

  /// Takes over what an earlier agent has left, unless that was done since the folder was last empty. Does nothing where
  /// there is nothing. `takeRecovered` says what was found.
  func recover() throws(SpoolError) {
    if lock == nil, !Self.segmentNumbers(in: folder).isEmpty { try open() }
    closeIfEmpty()
  }

  /// What has been taken over since the last time.
  func takeRecovered() -> Recovered {
    defer { recovered = Recovered() }
    return recovered
  }

  /// Locks the folder. Whatever lies in it then is of agents that have ended, and is taken over.
  private func open() throws(SpoolError) {
    guard lock == nil else { return }
    do throws(FolderLock.Failure) { lock = try FolderLock(folder: folder) } catch { throw SpoolError(error) }
    for number in Self.segmentNumbers(in: folder) where !leftAlone.contains(number) {
      nextNumber = max(nextNumber, number &+ 1)
      leftAlone.insert(number)
      guard let segment = try? SpoolSegment(opening: number, in: folder) else {
        recovered.damagedCount += 1
        continue
      }
      guard segment.isOfThisForm else {
        recovered.foreignCount += 1
        continue
      }
      var found = Recovered()
      do throws(SpoolError) {
        try recover(segment, &found)
      } catch {
        // It cannot be read now. A later agent may be luckier.
        recovered.damagedCount += 1
        continue
      }
      leftAlone.remove(number)
      recovered.add(found)
      if segment.openCount > 0 { segments.append(segment) } else { segment.remove() }
    }
  }

  private func recover(_ segment: SpoolSegment, _ recovered: inout Recovered) throws(SpoolError) {
    guard segment.end > SpoolSegment.fileHead.count else { return }
    var place = SpoolSegment.fileHead.count
    while let record = try segment.nextRecord(from: place) {
      if record.offset != place { recovered.damagedCount += 1 }
      place = record.end
      guard record.head.isWaiting else { continue }
      segment.openCount += 1
      recovered.payloads += 1
      recovered.bytes += record.head.bodyBytes
      recovered.counts += record.description.counts
      recovered.oldestNs = min(recovered.oldestNs ?? .max, record.description.createdNs)
    }
    guard place < segment.end else { return }
    recovered.damagedCount += 1
    segment.cut(at: place)
  }

  /// Keeps a payload. Where there is too much then, the oldest segment is given up.
  ///
  /// - Parameters:
  ///   - isTaken: it stays in memory too, and is not to be read until it is put back.
  ///   - givenUp: gets what was given up for it, also where the payload cannot be kept after all.
  /// - Returns: where it is.
  func append(
    _ payload: OutgoingPayload, createdNs: Int64, isTaken: Bool, givenUp: inout [GivenUp]
  ) throws(SpoolError) -> Reference {
    let body: [UInt8]
    do { body = try payload.body.whole() } catch { throw .unreadable(error) }
    let description = SpooledDescription(payload, createdNs: createdNs)
    let bytes = SpoolRecordHead.byteCount + description.bytes.count + body.count
    guard bytes <= bytesMax - SpoolSegment.fileHead.count, body.count <= SpoolRecordHead.bodyBytesMax else {
      throw .tooLarge(bytes: bytes)
    }
    try open()
    defer { closeIfEmpty() }
    while fileBytes + bytes > bytesMax, !segments.isEmpty { givenUp += giveUpOldest() }
    let segment = try openSegment(for: bytes)
    let offset = try segment.append(description, body: body)
    if isTaken { segment.taken.insert(offset) }
    return Reference(segment: segment.number, offset: offset)
  }

  /// Returns when all that was appended survives a loss of power; at once where nobody wants that.
  func sync() throws(SpoolError) {
    guard isDurable else { return }
    for segment in segments where segment.isUnsynced && !segment.isDoubtful { try segment.sync(syncFile) }
    guard hasNewNames, !segments.isEmpty else { return }
    let parent = folder.lastIndex(of: "/").map { String(folder[..<$0]) } ?? ""
    for path in [folder, parent] where !path.isEmpty {
      do throws(SystemError) { try syncNames(path) } catch { throw .system(error, path: path) }
    }
    hasNewNames = false
  }

  /// Whether a record is there, and was not given up with its segment.
  func holds(_ reference: Reference) -> Bool { segment(reference.segment) != nil }

  /// Reads the oldest record that is not in memory. It counts as taken from then on.
  func takeNext() throws(SpoolError) -> Next {
    while let reference = returned.first {
      guard let segment = segment(reference.segment), let record = try segment.record(at: reference.offset) else {
        returned.removeFirst()
        continue
      }
      let next = try take(record, of: segment)
      returned.removeFirst()
      return next
    }
    for segment in segments {
      while let record = try segment.nextRecord(from: segment.cursor) {
        guard record.head.isWaiting, !segment.taken.contains(record.offset) else {
          segment.cursor = record.end
          continue
        }
        let next = try take(record, of: segment)
        segment.cursor = record.end
        return next
      }
    }
    return .none
  }

  /// Leaves a record to be read again.
  /// - Returns: false when it was given up meanwhile, with its segment.
  func putBack(_ reference: Reference) -> Bool {
    guard let segment = segment(reference.segment) else { return false }
    segment.taken.remove(reference.offset)
    // What the cursor has not come to yet is found there.
    guard reference.offset < segment.cursor else { return true }
    let place = returned.firstIndex { $0 > reference } ?? returned.endIndex
    returned.insert(reference, at: place)
    return true
  }

  /// A taken record has come to its end. A segment in which all have is removed.
  func finish(_ reference: Reference) throws(SpoolError) {
    guard let index = segments.firstIndex(where: { $0.number == reference.segment }) else { return }
    let segment = segments[index]
    defer {
      if segment.openCount <= 0 {
        segment.remove()
        segments.remove(at: index)
        closeIfEmpty()
      }
    }
    try segment.finish(reference.offset)
  }

  /// The segments that were given up since the last time. What is being sent of them is in memory only.
  func takeLostSegments() -> Set<UInt64> {
    defer { lostSegments = [] }
    return lostSegments
  }

  /// Forgets all that is left, when it can no longer be read.
  func giveUpAll() {
    while !segments.isEmpty { _ = giveUpOldest() }
    closeIfEmpty()
  }
}

extension Spool.Recovered {
  fileprivate mutating func add(_ other: Self) {
    payloads += other.payloads
    bytes += other.bytes
    counts += other.counts
    oldestNs = [oldestNs, other.oldestNs].compactMap(\.self).min()
    damagedCount += other.damagedCount
    foreignCount += other.foreignCount
  }
}

extension Spool {
  private func segment(_ number: UInt64) -> SpoolSegment? { segments.first { $0.number == number } }

  private func take(_ record: SpoolSegment.Record, of segment: SpoolSegment) throws(SpoolError) -> Next {
    let reference = Reference(segment: segment.number, offset: record.offset)
    segment.taken.insert(record.offset)
    guard let body = try segment.body(of: record) else {
      // Where that cannot be written either, a later agent finds it damaged again.
      try? finish(reference)
      return .damaged(GivenUp(description: record.description, bytes: record.head.bodyBytes))
    }
    return .record(reference, record.description.payload(body), createdNs: record.description.createdNs)
  }

  /// The segment that the next record goes to: the last one, or a new one when that is full.
  private func openSegment(for bytes: Int) throws(SpoolError) -> SpoolSegment {
    if let last = segments.last, !last.isDoubtful, last.end + bytes <= segmentBytesMax { return last }
    let segment = try SpoolSegment(creating: nextNumber, in: folder)
    nextNumber &+= 1
    segments.append(segment)
    hasNewNames = true
    return segment
  }

  /// Removes the oldest segment.
  /// - Returns: what was in it and is not being sent.
  private func giveUpOldest() -> [GivenUp] {
    let segment = segments.removeFirst()
    var givenUp: [GivenUp] = []
    var place = SpoolSegment.fileHead.count
    while let record = try? segment.nextRecord(from: place) {
      place = record.end
      if record.head.isWaiting, !segment.taken.contains(record.offset) {
        givenUp.append(GivenUp(description: record.description, bytes: record.head.bodyBytes))
      }
    }
    segment.remove()
    lostSegments.insert(segment.number)
    returned.removeAll { $0.segment == segment.number }
    return givenUp
  }

  /// Leaves nothing behind when there is nothing to keep.
  private func closeIfEmpty() {
    while let index = segments.firstIndex(where: { $0.openCount <= 0 }) { segments.remove(at: index).remove() }
    if segments.isEmpty { lock = nil }
  }

  /// Whether payloads are kept in a folder, of whatever form.
  static func holdsSegments(_ folder: String) -> Bool { !segmentNumbers(in: folder).isEmpty }

  private static func segmentNumbers(in folder: String) -> [UInt64] {
    let names = (try? FileTree(root: folder).list("")) ?? []
    return names.compactMap { SpoolSegment.number(ofFile: $0) }.sorted()
  }
}
