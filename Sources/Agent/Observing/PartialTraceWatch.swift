import Platform
import Synchronization
import TraceModel

/// Traces that came without their root, until it comes or is given up.
///
/// A child may well be sent before its parent, or by another process; only when the parent has not come for `patienceNs`
/// is it missing here. Shared by all receiving threads, because the parent may come by another connection; they lock it
/// only while some trace is waited for.
final class PartialTraceWatch: Sendable {
  static let patienceNs: Int64 = 10_000_000_000
  /// Traces waited for at a time; further ones are not looked into.
  static let tracesMax = 256

  private struct Awaited: Sendable {
    var parentID: UInt64
    var sinceNs: Int64
    var service: String
    var client: String
  }

  private struct State: Sendable {
    var partialTraces: [UInt64: Awaited] = [:]
    var missing = ClientIssueTable()
    var nextLookNs: Int64 = .max
  }

  private let state = Lock(State())
  private let isWaiting = Atomic<Bool>(false)

  /// Takes in the chunks of one payload; `rootless` are the indexes of those whose parent was not in them.
  func observe(_ batch: borrowing SpanBatch, rootless: [Int], client: @autoclosure () -> String, nowNs: Int64) {
    guard !rootless.isEmpty || isWaiting.load(ordering: .relaxed) else { return }
    state.withLock { state in
      if !state.partialTraces.isEmpty { Self.settle(batch, &state) }
      if nowNs >= state.nextLookNs { Self.expire(&state, nowNs: nowNs) }
      for index in rootless where state.partialTraces.count < Self.tracesMax {
        let root = batch.spans[Int(batch.chunks[index].root)]
        guard state.partialTraces[root.traceID] == nil else { continue }
        let service = String(decoding: batch.bytes(root.service), as: UTF8.self)
        state.partialTraces[root.traceID] = Awaited(
          parentID: root.parentID, sinceNs: nowNs, service: service, client: client())
        state.nextLookNs = min(state.nextLookNs, nowNs &+ Self.patienceNs)
      }
      isWaiting.store(!state.partialTraces.isEmpty, ordering: .relaxed)
    }
  }

  /// Traces whose root did not come, by service and client.
  func missing(nowNs: Int64) -> ClientIssueTable {
    state.withLock { state in
      Self.expire(&state, nowNs: nowNs)
      isWaiting.store(!state.partialTraces.isEmpty, ordering: .relaxed)
      return state.missing
    }
  }

  /// Forgets the traces whose awaited span is in the batch.
  private static func settle(_ batch: borrowing SpanBatch, _ state: inout State) {
    for index in 0..<batch.chunks.count {
      let spans = batch.chunks[index].spans.range
      guard let first = spans.first, let awaited = state.partialTraces[batch.spans[first].traceID] else { continue }
      if spans.contains(where: { batch.spans[$0].spanID == awaited.parentID }) {
        state.partialTraces[batch.spans[first].traceID] = nil
      }
    }
  }

  private static func expire(_ state: inout State, nowNs: Int64) {
    var oldest = Int64.max
    for (trace, awaited) in state.partialTraces {
      // A clock that was set back must not make one wait for ever.
      let age = nowNs &- awaited.sinceNs
      if age >= patienceNs || age < 0 {
        state.missing.add(.rootlessTrace, awaited.service, client: awaited.client, atNs: nowNs)
        state.partialTraces[trace] = nil
      } else {
        oldest = min(oldest, awaited.sinceNs)
      }
    }
    state.nextLookNs = oldest == .max ? .max : oldest &+ patienceNs
  }
}
