/// What the threads that receive and the journal's own thread share. Decides only: it knows no files and no threads.
struct JournalState: Sendable {
  /// Called with whether the request is durable.
  typealias Waiter = @Sendable (Bool) -> Void

  /// What is to be written in one go.
  struct Batch: Sendable {
    /// One behind the other. What is large is a part of its own, and is not copied again.
    private(set) var parts: [[UInt8]]
    /// Where heads begin, which say later which segment they are in.
    private var heads: [(part: Int, offset: Int)] = []
    private(set) var byteCount = 0
    /// The last part is a large one, and nothing more is added to it.
    private var isLastLarge = false
    var waiters: [Waiter] = []
    /// Of each lane the last request in it; 0 for none.
    var lastSequences: [UInt64]
    var statisticsUntilNs: Int64 = .min

    /// - Parameter room: for the first part.
    init(threads: Int, room: [UInt8] = []) {
      parts = [room]
      lastSequences = Array(repeating: 0, count: threads)
    }

    var isEmpty: Bool { byteCount == 0 && waiters.isEmpty }

    /// Bytes of memory that are there for small entries.
    var capacity: Int { parts.last?.capacity ?? 0 }

    mutating func append(_ head: JournalHead) {
      beginSmallPart()
      heads.append((parts.count - 1, parts[parts.count - 1].count))
      head.appendUnsealed(to: &parts[parts.count - 1])
      byteCount += JournalHead.byteCount
    }

    mutating func append(_ bytes: some Collection<UInt8>) {
      beginSmallPart()
      parts[parts.count - 1].append(contentsOf: bytes)
      byteCount += bytes.count
    }

    private mutating func beginSmallPart() {
      if isLastLarge { parts.append([]) }
      isLastLarge = false
    }

    mutating func append(large bytes: [UInt8]) {
      parts.append(bytes)
      isLastLarge = true
      byteCount += bytes.count
    }

    /// Makes its entries those of a segment.
    mutating func seal(_ sign: JournalSign) {
      for head in heads { JournalHead.seal(&parts[head.part], at: head.offset, sign) }
    }

    /// What another batch holds is part of this one too, but for its bytes.
    mutating func note(_ other: Batch) {
      byteCount += other.byteCount
      waiters += other.waiters
      for lane in lastSequences.indices {
        lastSequences[lane] = max(lastSequences[lane], other.lastSequences[lane])
      }
      statisticsUntilNs = max(statisticsUntilNs, other.statisticsUntilNs)
    }

    /// The first part, of which nobody else has a copy then.
    mutating func takeRoom() -> [UInt8] {
      defer { parts = [] }
      return parts.first ?? []
    }
  }

  /// What a segment holds, for knowing when it is needed no longer.
  struct Content: Sendable {
    let number: UInt64
    var bytes: Int
    var lastSequences: [UInt64]
    var statisticsUntilNs: Int64
  }

  private(set) var waiting: Batch
  /// Requests, and bytes of all, that were taken of the group at hand: they are written, and wait for the disk together with
  /// what comes behind them.
  private var groupRequests = 0
  private var groupBytes = 0
  /// Bytes that were taken and are neither in a segment nor lost.
  private var takenBytes = 0
  /// Nobody was there who could have added to the group when its last request came.
  private var areAllWaiting = false
  /// Room for the next batch, so that it need not grow piece by piece each time.
  private var spare: [UInt8] = []
  private(set) var progress: JournalProgress
  /// Lanes whose progress is to be marked.
  private var lanesToMark: Set<Int> = []
  private var sequences: [UInt64]
  /// The files, the oldest first.
  private(set) var segments: [Content] = []
  /// Bytes of all of them.
  private var segmentBytes = 0
  /// Why the last attempt to write failed; `nil` when it did not.
  private(set) var failure: String?
  private(set) var counters = JournalCounters()
  var isStopping = false
  private let threads: Int

  /// - Parameter threads: as many lanes have requests; one more says how far statistics are.
  init(threads: Int) {
    self.threads = threads
    waiting = Batch(threads: threads)
    progress = JournalProgress(lanes: threads + 1)
    sequences = Array(repeating: 0, count: threads)
  }

  /// The lane whose numbers are times of statistics, and what stands for it in files: agents differ in their threads.
  var statisticsLane: Int { threads }
  static let statisticsMark = Int(UInt16.max)

  /// Bytes of all files, of what is being written to them, and of what waits for it.
  var bytes: Int { segmentBytes + takenBytes + waiting.byteCount }

  /// Requests of the group at hand.
  private var requests: Int { groupRequests + waiting.waiters.count }

  private var isGroupComplete: Bool { areAllWaiting && requests >= Journal.manyRequests }

  /// For how long a group waits for others, from its first request on.
  private var groupPeriod: Duration { areAllWaiting ? Journal.gatheringOfAll : Journal.gathering }

  /// There is so little to write that more may be waited for.
  private var mayGather: Bool { waiting.byteCount < Journal.pieceBytes && !isGroupComplete && !isStopping }

  /// For how long more is waited for, from the first request of the group on; `nil` when something is to be written now.
  var gathering: Duration? { mayGather ? groupPeriod : nil }

  /// The number of the last request of a thread; 0 when there was none.
  func lastSequence(of lane: Int) -> UInt64 { sequences[lane] }

  /// - Parameters:
  ///   - head: of the request, but for its number.
  ///   - large: a copy of the body where that is large.
  ///   - isLast: nobody is there who could add another one now.
  /// - Returns: whether the journal's thread is to be woken: something waits that did not, there is enough now, or the group
  ///   ends earlier.
  mutating func add(
    _ head: JournalHead, description: [UInt8], body: UnsafeRawBufferPointer, large: [UInt8]?, isLast: Bool,
    waiter: @escaping Waiter
  ) -> Bool {
    let (lane, statisticsUntilNs) = (Int(head.lane), head.statisticsUntilNs)
    let gatheredFor = gathering
    sequences[lane] += 1
    var head = head
    head.sequence = sequences[lane]
    waiting.append(head)
    waiting.append(description)
    if let large { waiting.append(large: large) } else { waiting.append(body) }
    waiting.lastSequences[lane] = sequences[lane]
    waiting.statisticsUntilNs = max(waiting.statisticsUntilNs, statisticsUntilNs)
    waiting.waiters.append(waiter)
    areAllWaiting = isLast
    guard requests > 1 else { return true }
    return gatheredFor.map { $0 > gathering ?? .zero } ?? false
  }

  mutating func begin(lane: Int, upTo: UInt64) -> UInt64 { progress.begin(lane: lane, upTo: upTo) }

  /// - Returns: whether there is something to mark.
  mutating func finish(_ cover: UInt64) -> Bool {
    guard let lane = progress.finish(cover) else { return false }
    lanesToMark.insert(lane)
    return true
  }

  /// Takes the next piece of a group of requests that wait for the disk together.
  /// - Parameter elapsed: since the group's first request.
  /// - Returns: what is to be written, whether it is the group's last piece, and whether it is the journal's.
  mutating func takePiece(after elapsed: Duration) -> (piece: Batch, endsGroup: Bool, isLast: Bool) {
    let isEnough = groupBytes + waiting.byteCount >= Journal.enoughBytes
    let endsGroup = elapsed >= groupPeriod || isGroupComplete || isStopping || isEnough
    let piece = takeBatch()
    if endsGroup {
      (groupRequests, groupBytes, areAllWaiting) = (0, 0, false)
    } else {
      groupRequests += piece.waiters.count
      groupBytes += piece.byteCount
    }
    return (piece, endsGroup, isStopping)
  }

  /// A batch without anything in it.
  var emptyBatch: Batch { Batch(threads: threads) }

  /// Takes what is to be written: what waits, and marks of what has left.
  mutating func takeBatch() -> Batch {
    for lane in lanesToMark.sorted() {
      waiting.append(mark(lane))
    }
    lanesToMark = []
    var next = Batch(threads: threads, room: spare)
    spare = []
    swap(&next, &waiting)
    takenBytes += next.byteCount
    return next
  }

  /// Takes the room of a batch back that was written, unless little of it was used.
  mutating func recycle(_ bytes: inout [UInt8]) {
    guard bytes.capacity <= Journal.enoughBytes, bytes.capacity > spare.capacity, bytes.count >= bytes.capacity / 8
    else { return }
    bytes.removeAll(keepingCapacity: true)
    swap(&bytes, &spare)
  }

  /// Whether there is room in memory for what may come.
  var hasRoom: Bool { spare.capacity > 0 || waiting.isEmpty && waiting.capacity > 0 }

  /// Frees that room, when nothing came for a while.
  mutating func giveRoomBack() {
    spare = []
    if waiting.isEmpty { waiting = emptyBatch }
  }

  /// How far all lanes are. Each segment begins with it, because an older one may go with the marks that are in it.
  var allMarks: [JournalHead] { markedLanes.map { mark($0) } }

  private var markedLanes: [Int] { progress.done.indices.filter { progress.done[$0] > 0 } }

  private func mark(_ lane: Int) -> JournalHead {
    JournalHead(.mark, lane: lane == statisticsLane ? Self.statisticsMark : lane, sequence: progress.done[lane])
  }

  /// A segment was begun, and is the last.
  mutating func began(_ number: UInt64, bytes: Int) {
    segmentBytes += bytes
    segments.append(
      Content(
        number: number, bytes: bytes, lastSequences: Array(repeating: 0, count: threads), statisticsUntilNs: .min))
  }

  /// The last segment is gone: nothing that was written to it is there.
  mutating func removed(_ number: UInt64) {
    guard let last = segments.last, last.number == number else { return }
    segmentBytes -= last.bytes
    segments.removeLast()
  }

  /// A group was written to the last segment.
  mutating func wrote(_ batch: Batch) {
    failure = nil
    takenBytes -= batch.byteCount
    if !batch.waiters.isEmpty { counters.commits += 1 }
    guard let last = segments.indices.last else { return }
    segments[last].bytes += batch.byteCount
    segmentBytes += batch.byteCount
    for lane in 0..<threads {
      segments[last].lastSequences[lane] = max(segments[last].lastSequences[lane], batch.lastSequences[lane])
    }
    segments[last].statisticsUntilNs = max(segments[last].statisticsUntilNs, batch.statisticsUntilNs)
    counters.requests += batch.waiters.count
  }

  /// All statistics of requests so far begin at this time or before it, whatever was said when they came: the clock was set
  /// back, and what was ahead of it has left.
  mutating func limitStatistics(untilNs: Int64) {
    waiting.statisticsUntilNs = min(waiting.statisticsUntilNs, untilNs)
    for place in segments.indices {
      segments[place].statisticsUntilNs = min(segments[place].statisticsUntilNs, untilNs)
    }
  }

  /// The segments that nobody needs any more, and forgets them. The oldest go first: a later one has marks of what is in it.
  mutating func takeDone() -> [UInt64] {
    let statisticsDone = Int64(clamping: progress.done[statisticsLane])
    func isDone(_ segment: Content) -> Bool {
      segment.statisticsUntilNs <= statisticsDone
        && (0..<threads).allSatisfy { segment.lastSequences[$0] <= progress.done[$0] }
    }
    let done = segments.prefix(while: isDone)
    segmentBytes -= done.reduce(0) { $0 + $1.bytes }
    segments.removeFirst(done.count)
    return done.map(\.number)
  }

  /// No segment has these requests: those of a group that could not be written.
  mutating func lost(_ batch: Batch, _ reason: String) {
    failure = reason
    takenBytes -= batch.byteCount
    // Marks were lost with it.
    lanesToMark.formUnion(markedLanes)
    counters.unconfirmed += batch.waiters.count
  }
}

/// What a journal has done so far.
package struct JournalCounters: Sendable, Equatable {
  /// Requests that were written before they were answered.
  package var requests = 0
  /// Requests that were taken and could not be written: their clients were told so, and may send them again.
  package var unconfirmed = 0
  /// How often it was waited until what was written is safe.
  package var commits = 0
}
