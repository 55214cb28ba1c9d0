import TestFixtures

@testable import Exporting

/// A delivery queue, a clock and intakes with faults, without sockets and without waiting: time jumps to whatever happens
/// next. Everything follows from the seed.
struct DeliverySimulation {
  /// Something that was started at an intake, as it went there.
  struct Start: Equatable {
    let number: Int
    let kind: OutgoingPayload.Kind
    let atMs: Int64
  }

  /// What went wrong, with the time; a sound queue leaves it empty.
  private(set) var findings: [String] = []
  /// By intake, in the order in which they were started.
  private(set) var starts: [[Start]]
  /// By intake and number of the payload: how many final reports there were.
  private(set) var ends: [[Int]]
  /// By what happened, over all intakes: `delivered`, `dropped queue_full` and so on.
  private(set) var outcomes: [String: Int] = [:]
  private var steps = 0

  private var intakes: [SimulatedIntake]
  private var queue: DeliveryQueue
  private var random: SeededGenerator
  private var underWay: [(entry: DeliveryQueue.Entry, endsAtMs: Int64, result: TransferResult)] = []
  private var nowMs: Int64 = 0
  private let zero: ContinuousClock.Instant

  init(_ intakes: [SimulatedIntake], seed: UInt64, zero: ContinuousClock.Instant) {
    self.intakes = intakes
    self.zero = zero
    queue = DeliveryQueue(destinations: intakes.map(\.destination))
    random = SeededGenerator(seed: seed)
    starts = intakes.map { _ in [] }
    ends = intakes.map { _ in [] }
  }

  /// Steps at most: a queue that wants to be asked again and again would never come to an end.
  private static let stepsMax = 1_000_000

  /// Lets all of the traffic arrive, and stops the queue where it says so, as an agent that ends does.
  mutating func run(_ traffic: SimulatedTraffic) {
    var wakeAtMs: Int64?
    var next = 0
    var isDraining = false
    while true {
      let arrival = next < traffic.arrivals.count ? traffic.arrivals[next].atMs : nil
      let stop = isDraining ? nil : traffic.stopsAtMs
      let times = [arrival, stop, wakeAtMs, underWay.map(\.endsAtMs).min()].compactMap(\.self)
      guard let time = times.min() else { break }
      nowMs = max(nowMs, time)
      while next < traffic.arrivals.count, traffic.arrivals[next].atMs <= nowMs {
        let payload = traffic.arrivals[next].payload
        for index in intakes.indices { ends[index].append(0) }
        note(queue.enqueue(payload, at: now))
        next += 1
      }
      finishDue()
      if let stop, stop <= nowMs {
        isDraining = true
        queue.drain(until: now + .seconds(4))
      }
      let plan = queue.plan(at: now)
      begin(plan)
      check(plan)
      wakeAtMs = plan.wakeAt.map { milliseconds($0) }
      if plan.isDrained || steps > Self.stepsMax { break }
    }
    if steps > Self.stepsMax { find("no end after \(steps) steps") }
    for rest in traffic.arrivals[next...] {
      for index in intakes.indices { ends[index].append(0) }
      note(queue.enqueue(rest.payload, at: now))
    }
    note(queue.abandon(underWay.map(\.entry)))
    underWay = []
    check(DeliveryQueue.Plan(), isLast: true)
    if queue.waitingCount + queue.inFlight + queue.bodyBytes != 0 { find("something is left at the end") }
    for lane in queue.lanes where lane.held != DeliveryLane.Held() { find("\(lane.held) is held at the end") }
  }

  private var now: ContinuousClock.Instant { zero + .milliseconds(nowMs) }

  /// Rounded up: time must not stand still before an instant.
  private func milliseconds(_ instant: ContinuousClock.Instant) -> Int64 {
    let (seconds, attoseconds) = zero.duration(to: instant).components
    return seconds * 1_000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
  }

  private mutating func begin(_ plan: DeliveryQueue.Plan) {
    note(plan.reports)
    for entry in plan.start {
      let lane = queue.lanes[entry.lane]
      if let older = lane.waiting.first, older.id < entry.id { find("a newer payload was started first") }
      if lane.isPaused(at: now) { find("a payload was started in a pause") }
      if entry.enqueuedAt < now - lane.retry.ageMax { find("a payload was started that is too old") }
      let answer = intakes[lane.destination].answer(atMs: nowMs)
      underWay.append((entry, nowMs + answer.afterMs, answer.result))
      starts[lane.destination].append(
        Start(number: entry.payload.uncompressedBytes, kind: entry.payload.kind, atMs: nowMs))
    }
  }

  private mutating func finishDue() {
    let due = underWay.filter { $0.endsAtMs <= nowMs }
    guard !due.isEmpty else { return }
    underWay.removeAll { $0.endsAtMs <= nowMs }
    for one in due { note(queue.finish(one.entry, with: one.result, at: now, random: &random)) }
  }

  private mutating func note(_ reports: [DeliveryQueue.Report]) {
    for report in reports where report.outcome.isFinal {
      guard let destination = report.summary.destination else { continue }
      // `SimulatedTraffic` numbers payloads by this field, which nothing else looks at.
      ends[destination][report.summary.uncompressedBytes] += 1
      switch report.outcome {
      case .delivered, .deliveredInPart: outcomes["delivered", default: 0] += 1
      case .rejected(let status): outcomes["rejected \(status)", default: 0] += 1
      case .dropped(let reason): outcomes["dropped \(reason.rawValue)", default: 0] += 1
      case .retrying: break
      }
    }
  }

  /// The full check reads all that is held, so not every step can have one.
  private mutating func check(_ plan: DeliveryQueue.Plan, isLast: Bool = false) {
    steps += 1
    if !plan.isDrained, let wakeAt = plan.wakeAt, wakeAt <= now { find("the queue wants to be asked again at once") }
    if isLast || steps % 32 == 0 { for text in queue.brokenInvariants(underWay: underWay.map(\.entry)) { find(text) } }
  }

  private mutating func find(_ text: String) {
    if findings.count < 10 { findings.append("at \(nowMs) ms: \(text)") }
  }
}
