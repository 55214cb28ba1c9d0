import TraceModel

/// What becomes of traces behind sampling: gathers them from batches and makes payloads of them.
///
/// There is one instance for each receiving thread, used by one thread at a time, under its shard's lock. So an output
/// does nothing that may block: payloads are handed out and sent when the lock is open. It lives as long as its shard.
package protocol BatchOutput: AnyObject {
  /// What its payloads are accounted as, and what destinations know them by.
  var kind: OutgoingPayload.Kind { get }

  /// Which chunks of a batch it is for. It is not called for a batch that has none of them.
  var selection: ChunkSelection { get }

  /// What is inside of it: added, and not handed out yet.
  var pending: PayloadCounts { get }

  /// Adds the selected chunks of a batch, which lives no longer than the call. What became full is handed out.
  func add(_ batch: borrowing SpanBatch, nowNs: Int64, _ results: inout OutputResults)

  /// Called once a second: hands out what has waited long enough, or all there is. With nothing in it for as long, it
  /// gives back the memory that only work needs.
  ///
  /// - Parameter force: the agent ends, and nothing may stay inside.
  func flush(nowNs: Int64, force: Bool, _ results: inout OutputResults)
}

/// Makes an output for one receiving thread that begins at `nowNs`, and that gives the chunks it encodes to
/// `encodedChunks` too. This is the value that adds an output to the agent.
package typealias BatchOutputMaker =
  @Sendable (_ nowNs: Int64, _ encodedChunks: (any EncodedChunkReceiver)?) -> sending any BatchOutput

/// Wants chunks in the form in which the intake gets those up to v0.7, so that none of these is encoded twice. Belongs to
/// one receiving thread.
package protocol EncodedChunkReceiver: AnyObject, Sendable {
  /// Gets a chunk of a batch as a `TraceChunk`, without tag and length; both live no longer than the call.
  func take(chunk index: Int, message: UnsafeRawBufferPointer, of batch: borrowing SpanBatch)
}

/// Which chunks an output is for.
package enum ChunkSelection: Sendable {
  /// Those that sampling decided to send on.
  case kept
  /// All that make sense, whatever sampling decided.
  case all

  /// Whether a chunk is one of them.
  package func includes(_ chunk: ChunkRecord) -> Bool {
    switch self {
    case .kept: chunk.isKept
    case .all: !chunk.isRemoved
    }
  }

  /// Whether a batch has one of them. O(chunks).
  func matchesAny(of batch: borrowing SpanBatch) -> Bool {
    var index = 0
    let count = batch.chunks.count
    while index < count {
      if includes(batch.chunks[index]) { return true }
      index &+= 1
    }
    return false
  }
}

/// What outputs hand out, to be dealt with when the shard's lock is open again.
package struct OutputResults: Sendable {
  /// Traces that an output had and could not make a payload of.
  package struct Loss: Sendable, Equatable {
    /// The kind of the output that had them.
    package let kind: OutgoingPayload.Kind
    /// What was in the payload, as far as it was gathered.
    package let counts: PayloadCounts
    /// What went wrong, for people to read.
    package let reason: String
  }

  /// In the order in which they are to be sent.
  package private(set) var payloads: [OutgoingPayload] = []
  package private(set) var losses: [Loss] = []

  package init() {}

  /// Hands a payload to the destinations that take its kind.
  package mutating func send(_ payload: OutgoingPayload) { payloads.append(payload) }

  /// Reports traces as lost, to be counted and logged; `reason` is for people to read.
  package mutating func lose(_ counts: PayloadCounts, of kind: OutgoingPayload.Kind, reason: String) {
    losses.append(Loss(kind: kind, counts: counts, reason: reason))
  }
}
