import Receiver
import TraceModel

/// What one receiving thread has seen of its clients beyond the traces themselves.
struct ShardObservations: Sendable {
  var clientIssues = ClientIssueTable()
  var decisions = TracerDecisions()
  var processes = ProcessTable()
  /// Requests but for `/info`, over TCP and over the unix socket.
  var tcpRequests: UInt64 = 0
  var unixRequests: UInt64 = 0
  private var skew = ClockSkew()
  /// Indexes of the chunks whose root did not come with them; only of the payload at hand.
  private var rootless: [Int] = []

  mutating func countRequest(_ peer: PeerIdentity) {
    if case .unix = peer { unixRequests &+= 1 } else { tcpRequests &+= 1 }
  }

  /// Looks at a processed payload: once at each trace, never at each span.
  mutating func observe(
    _ batch: borrowing SpanBatch, _ request: RequestSigns, clientRow: Int, partialTraces: PartialTraceWatch,
    nowNs: Int64
  ) {
    var latest: (startNs: Int64, endNs: Int64)?
    var firstRoot: SpanRecord?
    rootless.removeAll(keepingCapacity: true)
    for index in 0..<batch.chunks.count where !batch.chunks[index].isDropped {
      let chunk = batch.chunks[index]
      let root = batch.spans[Int(chunk.root)]
      if firstRoot == nil { firstRoot = root }
      decisions.add(batch, chunk, root: root)
      if root.parentID != 0 { rootless.append(index) }
      latest = (max(latest?.startNs ?? .min, root.startNs), max(latest?.endNs ?? .min, root.endNs))
    }
    decisions.clientDroppedTraces &+= request.clientDroppedTraces
    partialTraces.observe(batch, rootless: rootless, client: request.client(), nowNs: nowNs)
    guard let firstRoot, let latest else { return }
    processes.add(batch, root: firstRoot, peer: request.peer, headers: request.headers, nowNs: nowNs)
    let client = ClockSkew.Client(row: clientRow, peer: request.peer.number)
    let skewed = skew.observe(client, latestStartNs: latest.startNs, latestEndNs: latest.endNs, nowNs: nowNs)
    if let seconds = skewed {
      clientIssues.add(
        .clockSkew, request.peer.place, client: request.client(), amount: seconds, .newest, atNs: nowNs)
    }
  }
}

/// What of a request its observers look at; lives no longer than the request.
struct RequestSigns {
  let headers: RequestHeaders
  let peer: PeerIdentity
  let clientDroppedTraces: UInt64

  func client() -> String { ClientName.of(headers) }
}

extension PeerIdentity {
  /// Tells places apart whose clocks may differ; 0 for this machine.
  fileprivate var number: UInt64 {
    if case .address(let high, let low, _) = self { high &* 0x9E37_79B9_7F4A_7C15 ^ low } else { 0 }
  }
}
