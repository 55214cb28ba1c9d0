import Platform

/// What agents have written ahead that ended suddenly, one run after the other. Belongs to whoever takes it over; no other
/// agent can meanwhile, because the journal has the folder.
package struct EarlierRuns: Sendable {
  /// The requests of one agent.
  package struct Run: Sendable {
    fileprivate let folder: String
    fileprivate let segments: [UInt64]
    /// Up to which number the requests of each lane have left in payloads.
    fileprivate var done: [Int: UInt64] = [:]
    /// Statistics that begin at this time or before have left, in ns since 1970.
    package fileprivate(set) var statisticsDoneNs: Int64 = .min
    /// When the first request came, in ns since 1970; 0 when there is none.
    package fileprivate(set) var firstReceivedNs: Int64 = 0
    /// Places where something could not be read: what was being written when the agent ended, for one.
    package fileprivate(set) var damagedCount = 0
  }

  /// Whether payloads of a request and its statistics have left.
  package struct Needs: Sendable, Equatable {
    /// Its traces may not have left.
    package let traces: Bool
    /// Some of its statistics may not have left.
    package let statistics: Bool
  }

  private let folder: String
  private let numbers: [UInt64]

  init(in folder: String) {
    self.folder = folder
    numbers = JournalFolder.segmentNumbers(in: folder)
  }

  /// Whether no agent has left anything.
  package var isEmpty: Bool { numbers.isEmpty }

  /// The runs, the oldest first, with what is known of each. Reads all of it.
  /// - Parameters:
  ///   - isStopping: whether to end; then there is none.
  ///   - report: why something cannot be read now. It stays as it is, for a later agent.
  package func runs(
    isStopping: () -> Bool = { false }, report: (JournalError) -> Void = { _ in }
  ) -> [Run] {
    var files: [UInt64: [JournalSegment]] = [:]
    for number in numbers {
      do throws(JournalError) {
        // One of another form stays as it is.
        guard let segment = try JournalSegment.open(number, in: folder) else { continue }
        files[segment.run, default: []].append(segment)
      } catch {
        report(error)
      }
    }
    var runs: [Run] = []
    for (_, segments) in files.sorted(by: { $0.key < $1.key }) {
      do throws(JournalError) {
        guard let run = try Run(folder, segments, isStopping: isStopping) else { return [] }
        runs.append(run)
      } catch {
        report(error)
      }
    }
    return runs
  }
}

extension EarlierRuns.Run {
  /// - Returns: `nil` when it was to stop.
  fileprivate init?(_ folder: String, _ files: [JournalSegment], isStopping: () -> Bool) throws(JournalError) {
    self.folder = folder
    segments = files.map(\.number)
    for segment in files {
      var place = JournalSegment.headBytes
      while let found = try segment.nextEntry(from: place) {
        if isStopping() { return nil }
        place = found.entry.end
        if found.isDamaged { damagedCount += 1 }
        guard found.entry.head.kind == .mark else {
          if firstReceivedNs == 0 { firstReceivedNs = found.entry.head.receivedNs }
          continue
        }
        note(found.entry.head)
      }
      if place < segment.end { damagedCount += 1 }
    }
  }

  private mutating func note(_ mark: JournalHead) {
    let (lane, upTo) = (Int(mark.lane), mark.sequence)
    if lane == JournalState.statisticsMark {
      statisticsDoneNs = max(statisticsDoneNs, Int64(clamping: upTo))
    } else {
      done[lane] = max(done[lane] ?? 0, upTo)
    }
  }

  /// How many segments there are.
  package var segmentCount: Int { segments.count }

  /// Calls `body` with each request of a segment of which something may not have left, in the order in which they came.
  /// - Parameter body: returns false when it is to end.
  /// - Throws: when the segment cannot be read now, or not to its end.
  package func forEachRequest(
    ofSegment index: Int, _ body: (JournalRecord, EarlierRuns.Needs) -> Bool
  ) throws(JournalError) {
    guard let segment = try JournalSegment.open(segments[index], in: folder) else { return }
    var place = JournalSegment.headBytes
    while let found = try segment.nextEntry(from: place) {
      let head = found.entry.head
      place = found.entry.end
      guard head.kind == .request else { continue }
      let needs = EarlierRuns.Needs(
        traces: head.sequence > done[Int(head.lane)] ?? 0, statistics: head.statisticsUntilNs > statisticsDoneNs)
      guard needs.traces || needs.statistics else { continue }
      let record = JournalRecord(
        lane: Int(head.lane), sequence: head.sequence, receivedNs: head.receivedNs,
        statisticsUntilNs: head.statisticsUntilNs, description: Array(found.rest[..<head.descriptionBytes]),
        body: Array(found.rest[head.descriptionBytes...]))
      guard body(record, needs) else { return }
    }
  }

  /// Marks that payloads with these requests have left: of each lane up to a number.
  package mutating func mark(_ lanes: [Int: UInt64]) {
    guard let last = segments.last, let segment = try? JournalSegment.open(last, in: folder) else { return }
    for (lane, upTo) in lanes {
      done[lane] = max(done[lane] ?? 0, upTo)
      // Where that cannot be written, a later agent sends what it marks twice.
      try? segment.append(JournalHead(.mark, lane: lane, sequence: upTo).bytes(segment.sign))
    }
  }

  /// Removes the files of this run.
  package func remove() {
    for number in segments { unlink(JournalSegment.path(folder, number)) }
  }
}

extension Journal {
  /// Whether an agent has left requests in a folder, that it had answered and not sent.
  package static func isLeft(in folder: String) -> Bool { !JournalFolder.segmentNumbers(in: folder).isEmpty }
}
