import Platform
import Receiver
import Synchronization

/// Takes large requests with traces, one after the other, on a thread that is there while there are some: so no small
/// request waits until a worker is done with what can take it a tenth of a second and more.
final class LargeRequests: Sendable {
  /// From this many bytes on a request is a large one; tiny spans of so many bytes take about 20 ms.
  private static let bytesMin = 512 << 10
  /// The same of a compressed one, which can become a thousand times as large.
  private static let compressedBytesMin = 16 << 10
  /// More than a server leaves waiting for their answers.
  private static let waitingMax = 256

  private let shard: ReceivingShard
  /// The place of the shard among those of the workers.
  private let place: Int
  private let threads = OnDemandThreads(name: "roost-large", threadsMax: 1, waitingMax: LargeRequests.waitingMax)
  private let isStopping = Atomic<Bool>(false)

  /// - Parameters:
  ///   - shard: takes the requests, and no others.
  ///   - place: its number, where the workers' are `0 ..< place`.
  init(_ shard: ReceivingShard, place: Int) {
    self.shard = shard
    self.place = place
  }

  /// Leaves a large request to the thread.
  /// - Returns: `nil` for one that the worker has to take itself, nearly always because it is small.
  func take(
    _ request: borrowing Request, _ format: TraceFormat, isOverloaded: @escaping @Sendable () -> Bool
  ) -> Reply? {
    let bytesMin = request.headers.contains(.contentEncoding) ? Self.compressedBytesMin : Self.bytesMin
    guard request.body.count >= bytesMin else { return nil }
    return request.answerOnOtherThread { request, ticket in
      let work = { @Sendable [self] in
        let answer = request.withRequest(shard: place) {
          shard.traces($0, format, isOverloaded: isOverloaded())
        }
        ticket.complete(with: answer)
      }
      // Without a thread the worker is that.
      threads.run(work, orRefuse: { [self] in isStopping.load(ordering: .relaxed) ? refuse(request, format) : work() })
    }
  }

  /// Refuses what has not begun; its clients got 503 when the server stopped. What is under way goes on.
  func stop() {
    isStopping.store(true, ordering: .relaxed)
    threads.stop(deadline: .now)
  }

  private func refuse(_ request: DetachedRequest, _ format: TraceFormat) {
    request.withRejected(.stopping, shard: place) { rejected in
      shard.record(
        RequestRejection(
          reason: .stopping, bytesReceived: request.bodyBytes, declaredBytes: rejected.declaredLength,
          takesTraces: true, bodyBytesMax: shard.parts.bodyBytesMax), rejected)
    }
  }
}
