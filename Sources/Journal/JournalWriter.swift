import Platform

/// Owner of the segment that is written to; belongs to the journal's thread.
struct JournalWriter {
  /// A segment is removed as a whole, so it is neither large nor long in use.
  private static let segmentBytesMax = 16 << 20
  private static let segmentAgeMax = Duration.seconds(10)
  /// Files that are written over: of what is needed for half a minute and comes all the time, one is done when one is begun.
  private static let sparesMax = 2
  /// A smaller file is not worth it.
  private static let spareBytesMin = 4 << 20
  /// Written after a failure, to see whether there is room again.
  private static let probeBytes = 256 << 10

  /// A file that nobody needs any more.
  private struct Spare {
    let path: String
    let bytes: Int
  }

  private let folder: String
  private var nextNumber: UInt64
  /// The first segment of this agent.
  private let run: UInt64
  private let calls: SegmentCalls
  private var current: JournalSegment?
  /// Whether something in the current segment was waited for.
  private var hasSafeEntries = false
  private var spares: [Spare] = []
  /// Segments that the disk could not keep whole.
  private var abandoned: Set<UInt64> = []

  init(folder: String, nextNumber: UInt64, _ calls: SegmentCalls = SegmentCalls()) {
    self.folder = folder
    self.nextNumber = nextNumber
    self.calls = calls
    run = nextNumber
  }

  /// Makes sure that there is a segment to write to.
  /// - Parameter marks: what a segment begins with. One that cannot have it is not begun.
  /// - Returns: the segment that was begun, with its bytes; `nil` when the last one goes on.
  mutating func prepare(marks: () -> [JournalHead]) throws(JournalError) -> (number: UInt64, bytes: Int)? {
    if let current, current.end < Self.segmentBytesMax, .now - current.began < Self.segmentAgeMax { return nil }
    leaveCurrent()
    let segment = try begin()
    do throws(JournalError) {
      try segment.append([marks().flatMap { $0.bytes(segment.sign) }])
    } catch {
      segment.remove()
      throw error
    }
    current = segment
    hasSafeEntries = false
    return (segment.number, segment.end)
  }

  /// Nothing more is written to the segment at hand.
  mutating func leaveCurrent() {
    current?.trim()
    current = nil
  }

  private mutating func begin() throws(JournalError) -> JournalSegment {
    if let spare = spares.popLast() {
      if let recycled = try? JournalSegment(
        recycling: spare.path, as: takeNumber(), run: run, in: folder, calls)
      {
        return recycled
      }
      unlink(spare.path)
    }
    return try JournalSegment(creating: takeNumber(), run: run, in: folder, calls)
  }

  /// Each attempt to make a segment has a number of its own: a file that is in the way of one is not in the way of all.
  private mutating func takeNumber() -> UInt64 {
    defer { nextNumber &+= 1 }
    return nextNumber
  }

  /// Where the next part goes in the segment at hand.
  var end: Int { current?.end ?? 0 }

  /// Writes entries one behind the other, all of them or none. Where there is no room for them, what is kept for later makes
  /// it.
  mutating func write(_ batch: inout JournalState.Batch) throws(JournalError) {
    guard let current else { return }
    batch.seal(current.sign)
    do throws(JournalError) {
      try current.append(batch.parts)
    } catch {
      guard error.isWantOfSpace, !spares.isEmpty else { throw error }
      giveBack(to: 0)
      try current.append(batch.parts)
    }
  }

  /// Waits until what was written survives a loss of power.
  mutating func sync() throws(JournalError) {
    try current?.sync()
    hasSafeEntries = true
  }

  /// Takes back what was written behind a place, and may not be there.
  func cut(at end: Int) { current?.cut(at: end) }

  /// The same where the disk has failed to keep it. Nothing more is written to this file: the system has forgotten what it could
  /// not write, be it the file's head, and says of none of it again that it is not there.
  /// - Returns: the segment, when nobody needs it: it is removed.
  mutating func abandon(from end: Int) -> UInt64? {
    defer { current = nil }
    current?.cut(at: end)
    guard let current else { return nil }
    if hasSafeEntries {
      abandoned.insert(current.number)
      return nil
    }
    current.remove()
    return current.number
  }

  /// Throws when there is no room for a few requests.
  func probe() throws(JournalError) {
    guard let current else { return }
    let end = current.end
    defer { current.cut(at: end) }
    // Written over what is there, it would need no room.
    current.trim()
    try current.append([[UInt8](repeating: 0, count: Self.probeBytes)])
  }

  /// Removes a segment that nobody needs, or keeps its file for a later one where the disk has kept all of it.
  mutating func remove(_ number: UInt64) {
    if current?.number == number { current = nil }
    let (path, spare) = (JournalSegment.path(folder, number), JournalFolder.spare(folder, number))
    var status = stat()
    let size = stat(path, &status) == 0 ? Int(status.st_size) : 0
    let isGood = abandoned.remove(number) == nil && size >= Self.spareBytesMin && spares.count < Self.sparesMax
    guard isGood, (try? calls.rename(path, spare)) != nil else {
      unlink(path)
      return
    }
    spares.append(Spare(path: spare, bytes: size))
  }

  /// Bytes on disk that no entry takes: of files that are kept for later segments, and behind the end of the one at hand.
  var spareBytes: Int { spares.reduce(current?.spareBytes ?? 0) { $0 + $1.bytes } }

  /// Gives back what is kept for later, the oldest first, until at most so many bytes of it are left.
  mutating func giveBack(to bytesMax: Int) {
    while spareBytes > bytesMax, !spares.isEmpty { unlink(spares.removeFirst().path) }
    if spareBytes > bytesMax { current?.trim() }
  }
}
