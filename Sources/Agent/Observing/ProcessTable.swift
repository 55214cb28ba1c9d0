import Control
import Receiver
import Scrubbing
import TraceModel

/// Which processes sent traces: the pid that their tracer puts into every payload, or that the kernel knows of a unix
/// socket's client.
struct ProcessTable: Sendable {
  /// Processes distinguished; the one quiet for longest makes way.
  static let processesMax = 64
  /// Characters shown of a text.
  private static let textMax = 100

  private(set) var rows: [ProcessRow] = []
  private var last = 0

  /// Counts one payload. `root` is the root of its first trace.
  mutating func add(
    _ batch: borrowing SpanBatch, root: SpanRecord, peer: PeerIdentity, client: ClientIdentity, nowNs: Int64
  ) {
    let pid = Self.pid(batch, root, peer)
    let row = find(pid) ?? make(pid, batch, root, client, nowNs)
    rows[row].payloads &+= 1
    rows[row].traces &+= UInt64(batch.chunks.count)
    rows[row].lastSeenNs = nowNs
    last = row
  }

  /// 0 when neither the kernel nor the tracer says.
  private static func pid(_ batch: borrowing SpanBatch, _ root: SpanRecord, _ peer: PeerIdentity) -> Int64 {
    // What the kernel knows is in the agent's own numbering, what the tracer says is in that of its container.
    if case .unix(let pid, _) = peer, pid > 0 { return Int64(pid) }
    if let number = batch.metric(.processID, of: root) ?? batch.metric(.systemPID, of: root) {
      return Int64(exactly: number.rounded()) ?? 0
    }
    // Tracers of 2017 and 2018 send it as text.
    guard let text = batch.meta(.systemPID, of: root) else { return 0 }
    return HeaderValue.integer(batch.bytes(text)) ?? 0
  }

  private func find(_ pid: Int64) -> Int? {
    if last < rows.count, rows[last].pid == pid { return last }
    return rows.firstIndex { $0.pid == pid }
  }

  private mutating func make(
    _ pid: Int64, _ batch: borrowing SpanBatch, _ root: SpanRecord, _ client: ClientIdentity, _ nowNs: Int64
  ) -> Int {
    func text(_ bytes: UnsafeRawBufferPointer?) -> String {
      bytes.map { Scrubber.scrub($0, shownMax: Self.textMax) } ?? ""
    }
    let row = ProcessRow(
      pid: pid, service: String(decoding: batch.bytes(root.service), as: UTF8.self), language: text(client.language),
      languageVersion: text(client.languageVersion), tracerVersion: text(client.tracerVersion), payloads: 0, traces: 0,
      firstSeenNs: nowNs, lastSeenNs: nowNs)
    guard rows.count >= Self.processesMax,
      let quietest = rows.indices.min(by: { rows[$0].lastSeenNs < rows[$1].lastSeenNs })
    else {
      rows.append(row)
      return rows.count - 1
    }
    rows[quietest] = row
    return quietest
  }
}
