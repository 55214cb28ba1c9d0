import Platform
import Receiver
import Synchronization

/// Takes large requests on threads that are there while there are some, so that small ones do not wait until a worker is
/// done with what can take it a tenth of a second and more. Where there is not enough processor for all, small ones go first.
///
/// There are as many of these threads as workers for HTTP/1.1, each with a shard. Beyond what can wait for them the receiving
/// threads take large requests themselves: then there is more to do than the agent may take of the machine, and waiting would be longer than
/// clients are patient.
final class LargeRequests: Sendable {
  /// From this many bytes on a request is a large one, also where it has them only when it is decompressed. Spans that are
  /// made to be dear take about 10 ms in so many, and a client whose turn comes behind some of them still gets its answer
  /// in time.
  static let bytesMin = 128 << 10
  /// A compressed one of so many is not tried out: it mostly becomes as large.
  private static let compressedBytesMin = 16 << 10
  /// For each thread: at 100 ms each, clients that wait for 2 s still get their answer.
  private static let waitingMax = 16

  /// Those of the receiving threads, and behind them those of these threads.
  private let shards: [ReceivingShard]
  private let workers: Int
  /// Shards that no thread works with, by their place.
  private let free: Lock<[Int]>
  private let threads: OnDemandThreads
  /// Taken and not done with, whether or not the clients still wait.
  private let pending = Atomic<Int>(0)
  private let isStopping = Atomic<Bool>(false)

  /// - Parameters:
  ///   - shards: of the receiving threads, and behind them one for each thread that there may be.
  ///   - workers: how many of them are the receiving threads', that for calls of gRPC among them.
  init(_ shards: [ReceivingShard], workers: Int) {
    self.shards = shards
    self.workers = workers
    free = Lock(Array(workers..<shards.count))
    threads = OnDemandThreads(
      name: "roost-large", threadsMax: shards.count - workers, waitingMax: Self.waitingMax * (shards.count - workers),
      isInBackground: true)
  }

  /// Whether a request is one for these threads, as far as can be seen before it is decompressed.
  static func areFor(_ request: borrowing Request) -> Bool {
    request.body.count >= bytesMin
      || (request.body.count >= compressedBytesMin && request.headers.contains(.contentEncoding))
  }

  /// Leaves a request to one of the threads.
  /// - Parameter isOverloaded: asked when its turn comes.
  /// - Returns: `nil` when too many wait already, so that the worker has to take it itself.
  func take(
    _ request: borrowing Request, _ format: TraceFormat, isOverloaded: @escaping @Sendable () -> Bool
  ) -> Reply? {
    guard pending.add(1, ordering: .relaxed).newValue <= Self.waitingMax * (shards.count - workers) else {
      pending.subtract(1, ordering: .relaxed)
      return nil
    }
    let reply = request.answerOnOtherThread { request, ticket in
      // Looked up now: who sent it may be gone when its turn comes.
      let arrival = request.withRequest(shard: workers) { shards[workers].arrival(of: $0) }
      let work = { @Sendable [self] in
        answer(request, arrival, format, isOverloaded: isOverloaded(), ticket)
        pending.subtract(1, ordering: .relaxed)
      }
      // Where no thread can be had the worker is it.
      threads.run(work, orRefuse: { [self] in isStopping.load(ordering: .relaxed) ? refuse(request) : work() })
    }
    if reply == nil { pending.subtract(1, ordering: .relaxed) }
    return reply
  }

  private func answer(
    _ request: DetachedRequest, _ arrival: RequestArrival, _ format: TraceFormat, isOverloaded: Bool,
    _ ticket: AnswerTicket
  ) {
    let taken = free.withLock { $0.popLast() }
    defer { if let taken { free.withLock { $0.append(taken) } } }
    let place = taken ?? workers
    request.withRequest(shard: place) {
      shards[place].traces($0, format, isOverloaded: isOverloaded, arrival, answering: ticket)
    }
  }

  /// Refuses what has not begun, and waits until the deadline for what has; its clients have got 503 from the server, unless
  /// they have left.
  /// - Returns: whether nothing is under way any more.
  func stop(deadline: ContinuousClock.Instant) -> Bool {
    isStopping.store(true, ordering: .relaxed)
    return threads.stop(deadline: deadline)
  }

  /// Counts a request with whatever thread is free: the others may be at work for as long as they like.
  private func refuse(_ request: DetachedRequest) {
    request.withRejected(.stopping, shard: workers) { rejected in
      let rejection = RequestRejection(
        reason: .stopping, bytesReceived: request.bodyBytes, declaredBytes: rejected.declaredLength, takesTraces: true,
        bodyBytesMax: shards[workers].parts.bodyBytesMax)
      _ = shards.contains { $0.record(rejection, rejected, until: .now) }
    }
  }
}
