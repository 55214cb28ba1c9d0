import Control
import Receiver
import Scrubbing
import TraceModel

/// Which processes sent traces: by the pid that their tracer puts into every payload, or that the kernel knows of a unix
/// socket's client, and by what tells processes with the same pid apart, as in containers.
struct ProcessTable: Sendable {
  /// Processes distinguished; the one quiet for longest makes way.
  static let processesMax = 1_024
  /// Characters shown of a text.
  private static let textMax = 100
  /// Bytes by which texts are compared; longer ones by their length and a hash of all as well.
  static let keyTextBytesMax = 200

  /// Where a process is, as far as its request shows. Lives no longer than that.
  struct Place {
    let peer: PeerIdentity
    /// Its id, or `in-` and the inode of its control group as its tracer sends it; `nil` where neither is known.
    let container: UnsafeRawBufferPointer?
    /// What else is known of it.
    var known: KnownContainer?

    /// Whether that is its container: a payload may name another one.
    fileprivate func isOf(_ known: KnownContainer) -> Bool {
      known.id.isEmpty || container?.elementsEqual(known.idBytes) == true
    }
  }

  private(set) var rows: [ProcessRow] = []
  /// Newest arrival of a row that made way, nanoseconds since 1970.
  private(set) var forgottenLastSeenNs: Int64?
  /// Of each of `rows`, what it was made from: comparing it makes no texts.
  private var identities: [Identity] = []
  private var last = 0
  /// The key of the sender at hand; its memory is kept.
  private var key: [UInt8] = []
  private let seed: TableSeed

  /// What tells senders apart, as one run of bytes.
  private struct Identity: Sendable {
    let key: [UInt8]
    /// Most keys differ in it already.
    let hash: UInt64
  }

  init(seed: TableSeed = .random()) { self.seed = seed }

  /// Different hashes of keys, for tests.
  var hashes: Int { Set(identities.map(\.hash)).count }

  /// Counts one payload. `root` is the root of its first trace.
  mutating func add(
    _ batch: borrowing SpanBatch, root: SpanRecord, at place: Place, client: ClientIdentity, nowNs: Int64
  ) {
    let pid = Self.pid(batch, root, place.peer)
    let hash = writeKey(pid, batch.bytes(root.service), client, place)
    let row = find(hash: hash) ?? make(pid, batch, root, client, place, nowNs, Identity(key: key, hash: hash))
    rows[row].payloads &+= 1
    rows[row].traces &+= UInt64(batch.chunks.count)
    rows[row].lastSeenNs = nowNs
    // Its first payload may have come before its container was looked up.
    if let known = place.known, place.isOf(known) { rows[row].fillContainer(name: known.name, image: known.image) }
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
    guard let text = batch.meta(.systemPID, of: root) ?? openTelemetryPID(batch, root) else { return 0 }
    return HeaderValue.integer(batch.bytes(text)) ?? 0
  }

  /// As OpenTelemetry says it of a resource, which all of its spans have as a text attribute.
  private static func openTelemetryPID(_ batch: borrowing SpanBatch, _ root: SpanRecord) -> ByteSlice? {
    for index in root.meta.range where batch.equal(batch.meta[index].key, "process.pid") {
      return batch.meta[index].value
    }
    return nil
  }

  /// Writes into `key` what tells the sender from others, and returns the hash of it.
  private mutating func writeKey(
    _ pid: Int64, _ service: UnsafeRawBufferPointer, _ client: ClientIdentity, _ place: Place
  ) -> UInt64 {
    key.removeAll(keepingCapacity: true)
    add(UInt64(bitPattern: pid))
    add(service)
    add(client.language)
    add(client.tracerVersion)
    add(place.container)
    if case .address(let high, let low, _) = place.peer {
      add(high)
      add(low)
    }
    return key.withUnsafeBytes { seed.hash($0) }
  }

  private mutating func add(_ number: UInt64) {
    withUnsafeBytes(of: number.littleEndian) { key.append(contentsOf: $0) }
  }

  /// A text's beginning behind its length, so that no two rows of texts spell the same.
  private mutating func add(_ text: UnsafeRawBufferPointer?) {
    let text = text ?? UnsafeRawBufferPointer(start: nil, count: 0)
    add(UInt64(text.count))
    if text.count > Self.keyTextBytesMax { add(seed.hash(text)) }
    key.append(contentsOf: text.prefix(Self.keyTextBytesMax))
  }

  private func find(hash: UInt64) -> Int? {
    if last < identities.count, isKnown(last, hash) { return last }
    return identities.indices.first { isKnown($0, hash) }
  }

  private func isKnown(_ row: Int, _ hash: UInt64) -> Bool {
    identities[row].hash == hash && identities[row].key == key
  }

  private mutating func make(
    _ pid: Int64, _ batch: borrowing SpanBatch, _ root: SpanRecord, _ client: ClientIdentity, _ place: Place,
    _ nowNs: Int64, _ identity: Identity
  ) -> Int {
    func text(_ bytes: UnsafeRawBufferPointer?) -> String {
      bytes.map { Scrubber.scrub($0, shownMax: Self.textMax) } ?? ""
    }
    var row = ProcessRow(
      pid: pid, service: String(decoding: batch.bytes(root.service), as: UTF8.self), language: text(client.language),
      languageVersion: text(client.languageVersion), tracerVersion: text(client.tracerVersion), payloads: 0, traces: 0,
      firstSeenNs: nowNs, lastSeenNs: nowNs)
    let container = place.container.map { String(decoding: $0.prefix(Self.textMax), as: UTF8.self) } ?? ""
    row.containerID = ContainerID.isOne(container) ? container : ""
    if case .address = place.peer { row.address = place.peer.place }
    guard rows.count >= Self.processesMax,
      let quietest = rows.indices.min(by: { rows[$0].lastSeenNs < rows[$1].lastSeenNs })
    else {
      rows.append(row)
      identities.append(identity)
      return rows.count - 1
    }
    forget(rows[quietest])
    rows[quietest] = row
    identities[quietest] = identity
    return quietest
  }

  private mutating func forget(_ row: ProcessRow) {
    forgottenLastSeenNs = max(forgottenLastSeenNs ?? row.lastSeenNs, row.lastSeenNs)
  }
}

extension ProcessTable {
  /// What all receiving threads know, in the order in which the processes first sent. Made to be shown.
  init(merging parts: [ProcessTable]) {
    self.init()
    var places: [ProcessRow.Identity: Int] = [:]
    for part in parts {
      for row in part.rows {
        if let known = places[row.identity] {
          rows[known].add(row)
        } else {
          places[row.identity] = rows.count
          rows.append(row)
        }
      }
      if let forgotten = part.forgottenLastSeenNs {
        forgottenLastSeenNs = max(forgottenLastSeenNs ?? forgotten, forgotten)
      }
    }
    if rows.count > Self.processesMax {
      rows.sort { $0.lastSeenNs > $1.lastSeenNs }
      forget(rows[Self.processesMax])
      rows.removeSubrange(Self.processesMax...)
    }
    rows.sort { $0.firstSeenNs < $1.firstSeenNs }
  }
}

extension ProcessRow {
  /// Adds what another thread counted of the same sender.
  fileprivate mutating func add(_ other: ProcessRow) {
    if other.firstSeenNs < firstSeenNs {
      languageVersion = other.languageVersion
      firstSeenNs = other.firstSeenNs
    }
    payloads &+= other.payloads
    traces &+= other.traces
    lastSeenNs = max(lastSeenNs, other.lastSeenNs)
    fillContainer(name: other.containerName, image: other.containerImage)
  }

  /// Puts what is known of its container where nothing was known.
  fileprivate mutating func fillContainer(name: String, image: String) {
    if containerName.isEmpty, !name.isEmpty { containerName = name }
    if containerImage.isEmpty, !image.isEmpty { containerImage = image }
  }
}
