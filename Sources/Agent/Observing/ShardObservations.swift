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
    _ batch: borrowing SpanBatch, _ request: RequestContext, _ client: ClientIdentity, clientRow: Int,
    partialTraces: PartialTraceWatch
  ) {
    var latest: (startNs: Int64, endNs: Int64)?
    var firstRoot: SpanRecord?
    rootless.removeAll(keepingCapacity: true)
    for index in 0..<batch.chunks.count where !batch.chunks[index].isRemoved {
      let chunk = batch.chunks[index]
      let root = batch.spans[Int(chunk.root)]
      if firstRoot == nil { firstRoot = root }
      decisions.add(batch, chunk, root: root, nowNs: request.nowNs)
      if root.parentID != 0 { rootless.append(index) }
      latest = (max(latest?.startNs ?? .min, root.startNs), max(latest?.endNs ?? .min, root.endNs))
    }
    let metadata = ClientMetadata(request.headers)
    decisions.clientDroppedTraces &+= metadata.droppedTraces
    decisions.clientDroppedSpans &+= metadata.droppedSpans
    partialTraces.observe(
      batch, rootless: rootless, client: ClientName.of(client, request.headers), nowNs: request.nowNs)
    guard let firstRoot, let latest else { return }
    let place = ProcessTable.Place(
      peer: request.peer, container: Self.container(batch, request.headers), known: request.container)
    processes.add(batch, root: firstRoot, at: place, client: client, nowNs: request.nowNs)
    let skewed = skew.observe(
      ClockSkew.Client(row: clientRow, peer: request.peer.number), latestStartNs: latest.startNs,
      latestEndNs: latest.endNs, nowNs: request.nowNs)
    guard let seconds = skewed else { return }
    clientIssues.add(
      .clockSkew, request.peer.place, client: ClientName.of(client, request.headers), amount: seconds, .newest,
      atNs: request.nowNs)
  }

  /// What tells containers apart: the id that the payload goes on with, else the inode that the tracer sends.
  private static func container(
    _ batch: borrowing SpanBatch, _ headers: RequestHeaders
  ) -> UnsafeRawBufferPointer? {
    let id = batch.payload.containerID
    if !id.isEmpty { return batch.bytes(id) }
    guard let entity = headers[.entityID], entity.starts(with: "in-".utf8) else { return nil }
    return entity
  }
}

extension PeerIdentity {
  /// Tells places apart whose clocks may differ; 0 for this machine.
  fileprivate var number: UInt64 {
    if case .address(let high, let low, _) = self { high &* 0x9E37_79B9_7F4A_7C15 ^ low } else { 0 }
  }
}
