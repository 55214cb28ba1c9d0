import Control
import Platform
import Receiver
import Scrubbing
import TraceModel

/// The last payloads that could not be decoded, for `roost info -v` and `roost inspect`: who sent them, what is wrong with
/// them, and their bytes. In memory only, and nothing at all before the first.
///
/// Shared by all receiving threads; called only when something is wrong.
final class BadPayloads: Sendable {
  /// Payloads that are kept; the oldest makes way.
  static let payloadsMax = 16
  /// Of them those of one client with the same kind of fault: a client that sends again and again leaves the others theirs.
  static let alikeMax = 4
  /// Kept of one payload, from its first byte on.
  static let beginningBytesMax = 1 << 20
  /// Kept on either side of a fault that lies behind that.
  static let besideFaultBytes = 512
  /// Kept of all of them; beyond it the oldest have no bytes any more.
  static let allBytesMax = 4 << 20
  /// Characters of what a client says of itself.
  private static let textMax = 100
  /// Read of a command line, and characters shown of it and of each of its words.
  private static let commandBytesMax = 4_096
  private static let commandMax = 200
  private static let wordMax = 80

  private struct State: Sendable {
    /// What is kept, the newest first.
    var kept: [BadPayload] = []
    var nextID: UInt64 = 1
  }

  private let state = Lock(State())
  private let keepsBytes: Bool
  private let memory: MemoryLimit
  private let processes: ProcFS

  /// - Parameters:
  ///   - keepsBytes: false keeps what is said of a payload, and nothing of the payload itself.
  ///   - memory: what the agent may take; a payload for which there is none is kept without bytes.
  ///   - processes: where the command lines of clients are read.
  init(keepsBytes: Bool, memory: MemoryLimit, processes: ProcFS = ProcFS()) {
    self.keepsBytes = keepsBytes
    self.memory = memory
    self.processes = processes
  }

  /// Keeps a payload; returns its id.
  /// - Parameters:
  ///   - fault: what is wrong with it.
  ///   - bytes: what was to be decoded: decompressed, if that was possible.
  ///   - format: the label of the format that it should have.
  @discardableResult
  func add(
    _ fault: PayloadFault, of bytes: UnsafeRawBufferPointer, format: String, client: ClientIdentity,
    _ request: RequestContext
  ) -> UInt64 {
    var payload = keepsBytes ? copy(of: bytes, fault) : nil
    var row = BadPayloadRow(
      id: 0, atNs: request.nowNs, path: Scrubber.scrub(request.path, shownMax: Self.textMax), format: format,
      bytes: UInt64(bytes.count), fault: fault)
    row.client = ClientIssueTable.shownClient(request.clientName)
    row.contentType = Self.text(request.headers[.contentType])
    row.contentEncoding = Self.text(request.headers[.contentEncoding])
    row.language = Self.text(client.language)
    row.languageVersion = Self.text(client.languageVersion)
    row.tracerVersion = Self.text(client.tracerVersion)
    switch request.peer {
    case .unix(let pid, _): row.pid = Int64(pid)
    case .address: row.address = request.peer.place
    case .loopback, .unknown: break
    }
    row.keptBytes = UInt64(payload?.beginning.bytes.count ?? 0)
    payload?.row = row
    return keep(payload ?? BadPayload(row: row, beginning: []))
  }

  /// What is said of each, the newest first.
  var rows: [BadPayloadRow] { state.withLock { $0.kept.map(\.row) }.map(withProcess) }

  /// The payload of an id, or the newest.
  func answer(_ query: BadPayloadQuery) -> BadPayloadAnswer {
    var answer = state.withLock { state in
      let found = query.id.map { id in state.kept.first { $0.row.id == id } } ?? state.kept.first
      return BadPayloadAnswer(found: found, ids: state.kept.map(\.row.id))
    }
    if let found = answer.found { answer.found?.row = withProcess(found.row) }
    return answer
  }

  private func keep(_ payload: BadPayload) -> UInt64 {
    state.withLock { state in
      var payload = payload
      payload.row.id = state.nextID
      state.nextID &+= 1
      state.kept.insert(payload, at: 0)
      let alike = state.kept.indices.filter { state.kept[$0].isLike(payload) }
      if alike.count > Self.alikeMax, let oldest = alike.last { state.kept.remove(at: oldest) }
      if state.kept.count > Self.payloadsMax { state.kept.removeLast() }
      var all = 0
      for place in state.kept.indices {
        all += state.kept[place].byteCount
        if all > Self.allBytesMax { state.kept[place].forgetBytes() }
      }
      return payload.row.id
    }
  }

  /// Copies the beginning and what is around the fault; `nil` when there is no memory for that.
  private func copy(of bytes: UnsafeRawBufferPointer, _ fault: PayloadFault) -> BadPayload? {
    let beginning = min(bytes.count, Self.beginningBytesMax)
    // Claimed while it is taken; from then on it is resident, and counts as that.
    let claim = MemoryClaim(memory)
    guard claim.add(beginning) else { return nil }
    defer { claim.release() }
    var payload = BadPayload(
      row: .decodingDefaults, beginning: Array(UnsafeRawBufferPointer(rebasing: bytes[..<beginning])))
    guard let offset = fault.byteOffset.flatMap({ Int(exactly: $0) }), offset <= bytes.count,
      offset + Self.besideFaultBytes > beginning, beginning < bytes.count
    else { return payload }
    let start = max(0, offset - Self.besideFaultBytes)
    let end = min(bytes.count, offset + Self.besideFaultBytes)
    payload.besideFault = HexBytes(Array(UnsafeRawBufferPointer(rebasing: bytes[start..<end])))
    payload.besideFaultOffset = Int64(start)
    return payload
  }

  private static func text(_ bytes: UnsafeRawBufferPointer?) -> String {
    bytes.map { Scrubber.scrub($0, shownMax: textMax) } ?? ""
  }

  /// With what is known of the process that sent it, which may have ended. Read only when somebody asks, so that no request
  /// waits for it.
  private func withProcess(_ row: BadPayloadRow) -> BadPayloadRow {
    guard row.pid > 0 else { return row }
    var row = row
    do {
      row.command = Self.shownCommand(try processes.process(row.pid).read("cmdline", limit: Self.commandBytesMax))
    } catch {
      // Where the processes of others are hidden, the first is as well.
      row.processGone = error == .missing && (try? processes.process(1).stat()) != nil
    }
    return row
  }

  private static func shownCommand(_ line: [UInt8]) -> String {
    let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    let shown = Scrubber.commandLine(words, shownMax: wordMax, readMax: commandBytesMax)
    return String(shown.joined(separator: " ").prefix(commandMax))
  }
}

extension BadPayload {
  /// Bytes of the payload that are kept.
  fileprivate var byteCount: Int { beginning.bytes.count + besideFault.bytes.count }

  /// Whether it came from the same client, as far as clients are told apart, and goes wrong in the same way.
  fileprivate func isLike(_ other: BadPayload) -> Bool {
    func traits(_ row: BadPayloadRow) -> [String] {
      [row.clientTitle, row.client, row.address, row.fault.field, row.fault.expected, row.fault.seen]
    }
    return traits(row) == traits(other.row)
  }

  /// Keeps what is said of it, and nothing of it.
  fileprivate mutating func forgetBytes() {
    self = BadPayload(row: row, beginning: [])
    row.keptBytes = 0
  }
}
