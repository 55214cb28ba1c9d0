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
    /// Where marks go in the last segment.
    fileprivate var end = 0
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

  init(in folder: String, segments: [UInt64]) {
    self.folder = folder
    numbers = segments
  }

  /// Whether no agent has left anything.
  package var isEmpty: Bool { numbers.isEmpty }

  /// The runs, the oldest first, with what is known of each. Reads all of it, and removes files to which nothing was written.
  /// - Parameters:
  ///   - isStopping: whether to end; then there is none.
  ///   - report: why something cannot be read now. It stays as it is, for a later agent.
  package func runs(
    isStopping: () -> Bool = { false }, report: (JournalError) -> Void = { _ in }
  ) -> [Run] {
    var segments: [UInt64: [UInt64]] = [:]
    // Of each one the head only: there may be more than a process may have open.
    for number in numbers {
      if isStopping() { return [] }
      do throws(JournalError) {
        switch try JournalSegment.open(number, in: folder) {
        case .segment(let segment): segments[segment.run, default: []].append(number)
        case .empty: unlink(JournalSegment.path(folder, number))
        case .foreign: report(.foreign(path: JournalSegment.path(folder, number)))
        }
      } catch {
        report(error)
      }
    }
    var runs: [Run] = []
    for (_, segments) in segments.sorted(by: { $0.key < $1.key }) {
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
  fileprivate init?(_ folder: String, _ segments: [UInt64], isStopping: () -> Bool) throws(JournalError) {
    self.folder = folder
    self.segments = segments
    for number in segments {
      guard let segment = try Self.open(number, folder) else { continue }
      end = try Self.walk(segment) { head, _, isDamaged in
        if isDamaged { damagedCount += 1 }
        if head.kind == .mark { note(head) } else if firstReceivedNs == 0 { firstReceivedNs = head.receivedNs }
        return !isStopping()
      }
      if isStopping() { return nil }
      if try !segment.isEnd(end) { damagedCount += 1 }
    }
  }

  /// `nil` for a file that has become none since it was seen.
  private static func open(_ number: UInt64, _ folder: String) throws(JournalError) -> JournalSegment? {
    guard case .segment(let segment) = try JournalSegment.open(number, in: folder) else { return nil }
    return segment
  }

  /// Goes through the entries of a segment.
  /// - Parameter body: gets what stands behind the head too, and whether something before it could not be read; returns false
  ///   when it is to end.
  /// - Returns: where the last one ends.
  private static func walk(
    _ segment: JournalSegment, _ body: (_ head: JournalHead, _ rest: [UInt8], _ isDamaged: Bool) -> Bool
  ) throws(JournalError) -> Int {
    var place = JournalSegment.headBytes
    while let found = try segment.nextEntry(from: place) {
      place = found.entry.end
      guard body(found.entry.head, found.rest, found.isDamaged) else { break }
    }
    return place
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
    guard let segment = try Self.open(segments[index], folder) else { return }
    _ = try Self.walk(segment) { head, rest, _ in
      guard head.kind == .request else { return true }
      let needs = EarlierRuns.Needs(
        traces: head.sequence > done[Int(head.lane)] ?? 0, statistics: head.statisticsUntilNs > statisticsDoneNs)
      guard needs.traces || needs.statistics else { return true }
      let record = JournalRecord(
        lane: Int(head.lane), sequence: head.sequence, receivedNs: head.receivedNs,
        statisticsUntilNs: head.statisticsUntilNs, description: Array(rest[..<head.descriptionBytes]),
        body: Array(rest[head.descriptionBytes...]))
      return body(record, needs)
    }
  }

  /// Marks that payloads with these requests have left: of each lane up to a number.
  package mutating func mark(_ lanes: [Int: UInt64]) {
    guard let last = segments.last, let segment = try? Self.open(last, folder) else { return }
    segment.goOn(at: end)
    defer { end = segment.end }
    for (lane, upTo) in lanes {
      done[lane] = max(done[lane] ?? 0, upTo)
      // Where that cannot be written, a later agent sends what it marks twice.
      try? segment.append([JournalHead(.mark, lane: lane, sequence: upTo).bytes(segment.sign)])
    }
  }

  /// Removes the files of this run.
  package func remove() {
    for number in segments { unlink(JournalSegment.path(folder, number)) }
  }
}

extension Journal {
  /// Whether an agent has left requests in a folder, that it had answered and not sent.
  package static func isLeft(in folder: String) -> Bool { JournalFolder.isLeft(in: folder) }

  /// Whether some of that can be read, and so will be sent.
  package static func hasReadable(in folder: String) -> Bool {
    ((try? JournalFolder.segmentNumbers(in: folder)) ?? []).contains { number in
      if case .segment? = try? JournalSegment.open(number, in: folder) { true } else { false }
    }
  }
}
