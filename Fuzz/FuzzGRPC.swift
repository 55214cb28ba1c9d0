import GRPC
import Platform

/// What libFuzzer calls with every input it thinks of. The first byte says how the rest, which a client sends, comes: in
/// pieces of which size, with the beginning that every connection has or without, and whether there is room for messages.
///
/// Whatever comes, each call has to begin once and end once, and in between to come whole or to fail, not both; its message
/// has to be as long as was announced; what is sent has to be frames of HTTP/2; and after an end nothing is taken. Reads
/// outside of a piece are AddressSanitizer's business; overflows, bad indices and failed expectations trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let start, count > 0 else { return 0 }
  let choice = start[0]
  let input = UnsafeBufferPointer(start: start + 1, count: count - 1)
  var run = Run(choice)
  if choice & 1 == 0 { beginning.withUnsafeBufferPointer { run.send($0, pieces: 64) } }
  let size = [1, 5, 9, 64, 1_000, 100_000][Int(choice >> 4) % 6]
  let half = choice & 8 == 0 ? input.count : input.count / 2
  // Pieces of a size are dear, so some inputs come whole up to one third or two, and in pieces from there.
  let third = Int(choice >> 4) / 6
  run.send(UnsafeBufferPointer(rebasing: input[..<half]), pieces: size, fromThird: third)
  if half < input.count {
    run.session.goAway()
    run.send(UnsafeBufferPointer(rebasing: input[half...]), pieces: size, fromThird: third)
  }
  run.finish()
  return 0
}

private let beginning = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]
private let limits = SessionLimits(headerBytesMax: 2_000, messageBytesMax: 5_000, callsMax: 8)

/// A store whose bytes end where its memory does, so that reading behind them is found.
private final class ExactStore: MessageStore {
  nonisolated(unsafe) static var open = 0
  private var storage = UnsafeMutableRawBufferPointer.allocate(byteCount: 0, alignment: 1)

  init() { Self.open += 1 }

  deinit {
    storage.deallocate()
    Self.open -= 1
  }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(storage) }

  func append(_ piece: UnsafeRawBufferPointer) -> Bool {
    let grown = UnsafeMutableRawBufferPointer.allocate(byteCount: storage.count + piece.count, alignment: 1)
    grown.copyMemory(from: UnsafeRawBufferPointer(storage))
    UnsafeMutableRawBufferPointer(rebasing: grown[storage.count...]).copyMemory(from: piece)
    storage.deallocate()
    storage = grown
    return true
  }
}

private struct Run {
  enum Stage { case open, settled }

  let session: CallSession
  private var calls: [ObjectIdentifier: (call: Call, stage: Stage)] = [:]
  private var output: [UInt8] = []
  private var nowMs: UInt64 = 0

  init(_ choice: UInt8) {
    let hasRoom = choice & 2 == 0
    guard let library = try? HTTP2Library.open(),
      let made = CallSession(
        library, limits: limits, acceptedEncodings: "identity", nowMs: 0,
        makeStore: { _ in hasRoom ? ExactStore() : nil })
    else { stop("libnghttp2 is missing") }
    session = made
    // Time is a part of what is tried.
    nowMs = choice & 4 == 0 ? 0 : 1
  }

  /// So many pieces have the size that was chosen; what is left comes in one: each piece is a round through libnghttp2.
  private static let piecesMax = 64

  mutating func send(_ bytes: UnsafeBufferPointer<UInt8>, pieces size: Int, fromThird third: Int = 0) {
    let lead = bytes.count * third / 3
    var start = 0
    for number in 0... {
      guard start < bytes.count else { return }
      let small = start == 0 && lead > 0 ? lead : min(bytes.count, start + size)
      let end = number < Self.piecesMax ? small : bytes.count
      // As much memory as bytes: reading behind them is found.
      let piece = Array(bytes[start..<end])
      let wasOver = session.isOver
      piece.withUnsafeBytes { session.receive($0, nowMs: nowMs) }
      nowMs = nowMs &* 2
      take(mayBegin: !wasOver)
      if session.expire(limitMs: 1_000, nowMs: nowMs) != .nothing { take(mayBegin: false) }
      start = end
    }
  }

  mutating func finish() {
    session.close()
    take(mayBegin: false)
    if !calls.isEmpty { stop("\(calls.count) calls never ended") }
    if ExactStore.open != 0 { stop("\(ExactStore.open) messages are kept") }
    checkFrames()
  }

  private mutating func take(mayBegin: Bool) {
    for _ in 0..<2 {
      for event in session.takeEvents() { note(event, mayBegin: mayBegin) }
      session.appendOutput(to: &output, bytesMax: .max)
    }
    if calls.count > limits.callsMax { stop("\(calls.count) calls are open") }
  }

  private mutating func note(_ event: CallEvent, mayBegin: Bool) {
    switch event {
    case .began(let call):
      if !mayBegin { stop("a call began after the end") }
      guard calls.updateValue((call, .open), forKey: ObjectIdentifier(call)) == nil else { stop("a call began twice") }
    case .whole(let call):
      settle(call)
      if call.bytes.count != call.announcedBytes || call.bytes.count > limits.messageBytesMax {
        stop("\(call.bytes.count) bytes, not \(String(describing: call.announcedBytes))")
      }
      var headerBytes = call.path.count
      call.forEachHeader { headerBytes += $0.count + $1.count }
      if headerBytes > 2 * limits.headerBytesMax { stop("\(headerBytes) bytes of headers") }
      let isGood = call.bytes.count % 2 == 0
      // Its headers go before it is answered.
      Array(call.path).withUnsafeBytes {
        session.answer(call, CallStatus(isGood ? .ok : .invalidArgument, "a 100 %\n"), message: $0)
      }
    case .failed(let call, _): settle(call)
    case .ended(let call):
      guard calls.removeValue(forKey: ObjectIdentifier(call)) != nil else { stop("a call ended that never began") }
    }
  }

  private mutating func settle(_ call: Call) {
    guard let known = calls[ObjectIdentifier(call)], known.stage == .open else { stop("a call was settled twice") }
    calls[ObjectIdentifier(call)] = (call, .settled)
  }

  /// All that was sent is whole frames, none larger than a client takes.
  private func checkFrames() {
    var start = 0
    while start < output.count {
      guard start + 9 <= output.count else { stop("half a frame") }
      let length = Int(output[start]) << 16 | Int(output[start + 1]) << 8 | Int(output[start + 2])
      if length > 16_384 || output[start + 3] > 9 { stop("a frame of type \(output[start + 3]) and \(length) bytes") }
      start += 9 + length
    }
    if start > output.count { stop("a frame without its end") }
  }
}
