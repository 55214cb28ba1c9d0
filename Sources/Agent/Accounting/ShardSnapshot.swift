import Control
import Exporting
import Processing
import Sampling

/// What one shard, or all of them together, had counted at one moment.
struct ShardSnapshot: Sendable {
  var counts = ShardCounts()
  var processing = ProcessingCounts()
  var sampling = SamplingCounts()
  /// What became of traces on the way to the store.
  var stored = StoredTraceCounts()
  var clients: [ClientRow] = []
  var losses = ClientLossTable()
  /// What is inside of the unfinished payloads, by kind: not handed to the forwarder yet.
  var gathered: [OutgoingPayload.Kind: PayloadCounts] = [:]
  /// Spans counted under a stand-in, as a bucket was full.
  var collapsed: UInt64 = 0
  /// Spans counted without their peer, as there were too many peers.
  var withoutPeer: UInt64 = 0
  /// Spans whose duration counts in a bin nearby, as there was no memory for more bins.
  var coarsened: UInt64 = 0
  /// Spans that end more than a bucket after now, counted as of now.
  var ahead: UInt64 = 0

  mutating func add(_ other: ShardSnapshot) {
    counts.add(other.counts)
    processing.add(other.processing)
    sampling.add(other.sampling)
    stored.add(other.stored)
    for row in other.clients { add(row) }
    losses.add(other.losses)
    for (kind, counts) in other.gathered { gathered[kind, default: PayloadCounts()] += counts }
    collapsed &+= other.collapsed
    withoutPeer &+= other.withoutPeer
    coarsened &+= other.coarsened
    ahead &+= other.ahead
  }

  private mutating func add(_ row: ClientRow) {
    let known = clients.firstIndex {
      $0.language == row.language && $0.languageVersion == row.languageVersion && $0.interpreter == row.interpreter
        && $0.tracerVersion == row.tracerVersion && $0.endpoint == row.endpoint
    }
    guard let known else {
      clients.append(row)
      return
    }
    clients[known].received.add(row.received)
    clients[known].lastSeenNs = max(clients[known].lastSeenNs, row.lastSeenNs)
  }
}
