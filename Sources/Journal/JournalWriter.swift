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

  private let folder: String
  private var nextNumber: UInt64
  /// The first segment of this agent.
  private let run: UInt64
  private let sign: JournalSign
  private var current: JournalSegment?
  /// Paths of files that nobody needs any more.
  private var spares: [String] = []
  /// Makes names in the folder durable.
  var syncNames: (String) throws(JournalError) -> Void = JournalFolder.sync

  init(folder: String, nextNumber: UInt64, _ sign: JournalSign) {
    self.folder = folder
    self.sign = sign
    self.nextNumber = nextNumber
    run = nextNumber
  }

  /// Makes sure that there is a segment to write to.
  /// - Parameter marks: what a segment begins with. One that cannot have it is not begun.
  /// - Returns: the segment that was begun, with its bytes; `nil` when the last one goes on.
  mutating func prepare(marks: () -> [UInt8]) throws(JournalError) -> (number: UInt64, bytes: Int)? {
    if let current, current.end < Self.segmentBytesMax, .now - current.began < Self.segmentAgeMax { return nil }
    leaveCurrent()
    let segment = try begin()
    do throws(JournalError) {
      try segment.append([marks()])
    } catch {
      segment.remove()
      throw error
    }
    nextNumber &+= 1
    current = segment
    return (segment.number, segment.end)
  }

  /// Nothing more is written to the segment at hand.
  mutating func leaveCurrent() {
    current?.trim()
    current = nil
  }

  private mutating func begin() throws(JournalError) -> JournalSegment {
    if let spare = spares.popLast() {
      let recycled = try? JournalSegment(
        recycling: spare, as: nextNumber, run: run, sign, in: folder, syncNames: syncNames)
      if let recycled { return recycled }
      unlink(spare)
      // The file may have its new name already.
      nextNumber &+= 1
    }
    return try JournalSegment(creating: nextNumber, run: run, sign, in: folder)
  }

  /// Where the next part goes in the segment at hand.
  var end: Int { current?.end ?? 0 }

  /// Writes parts one behind the other, all of them or none.
  func write(_ parts: [[UInt8]]) throws(JournalError) { try current?.append(parts) }

  /// Waits until what was written survives a loss of power.
  func sync() throws(JournalError) { try current?.sync() }

  /// Takes back what was written behind a place, and may not be there.
  func cut(at end: Int) { current?.cut(at: end) }

  /// Throws when there is no room for a few requests.
  func probe() throws(JournalError) {
    guard let current else { return }
    let end = current.end
    defer { current.cut(at: end) }
    // Written over what is there, it would need no room.
    current.trim()
    try current.append([[UInt8](repeating: 0, count: Self.probeBytes)])
  }

  /// Removes a segment that nobody needs, or keeps its file for a later one.
  mutating func remove(_ number: UInt64) {
    if current?.number == number { current = nil }
    let (path, spare) = (JournalSegment.path(folder, number), JournalFolder.spare(folder, number))
    var status = stat()
    let isWorthIt = stat(path, &status) == 0 && status.st_size >= Self.spareBytesMin && spares.count < Self.sparesMax
    if isWorthIt, rename(path, spare) == 0 { spares.append(spare) } else { unlink(path) }
  }

  /// Removes what is kept for later segments.
  mutating func removeSpares() {
    for spare in spares { unlink(spare) }
    spares = []
  }
}
