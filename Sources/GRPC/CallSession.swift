import CNGHTTP2

/// What became of a call since it was last asked for.
package enum CallEvent {
  /// A client began it. It is counted as open until it has ended.
  case began(Call)
  /// It came whole, and waits for `CallSession.answer`.
  case whole(Call)
  /// It did not come whole. The client has its answer, where there is one.
  case failed(Call, CallFailure)
  /// It is over: the answer has left, or nobody wants it any more.
  case ended(Call)
}

/// One connection of HTTP/2 on which unary calls of gRPC come, over libnghttp2: bytes in, bytes out, and events of calls.
/// Knows neither sockets nor clocks. Belongs to one thread.
package final class CallSession {
  /// Makes the place where a message of so many bytes is kept; `nil` without room for it.
  package typealias StoreMaker = (_ messageBytes: Int) -> (any MessageStore)?

  /// Error codes of HTTP/2 (RFC 9113, 7).
  enum ErrorCode: UInt32 {
    case noError = 0
    case protocolError = 1
    case internalError = 2
    case cancel = 8
    case enhanceYourCalm = 11
  }

  let http2: nghttp2_functions
  /// `nil` after the session has ended badly: nothing is read any more.
  private(set) var session: OpaquePointer?
  let limits: SessionLimits
  let makeStore: StoreMaker
  private let headerRoom: HeaderRoom
  /// Bytes of memory that the headers of its calls take.
  package private(set) var headerBytes = 0
  /// As much of it as belongs to calls that are closed, and whose events nobody has taken.
  var closedHeaderBytes = 0
  /// Encodings of messages that are taken, as clients are told with each answer.
  let acceptedEncodings: [UInt8]
  var calls: [Int32: Call] = [:]
  var events: [CallEvent] = []
  var budget: FrameBudget
  private var scanner = FrameScanner()
  var nowMs: UInt64
  /// The client has said who it is: its preface and its settings are here.
  package internal(set) var hasBegun = false
  /// Bytes that are sent when the session has ended badly.
  private var lastWords: [UInt8] = []

  /// The client broke the rules of HTTP/2, or sent too many frames that bring nothing, and was told so.
  package internal(set) var hasMisbehaved = false

  /// - Parameters:
  ///   - acceptedEncodings: of messages, as in `identity,gzip`.
  ///   - nowMs: on a clock that never goes back, here and in all that follows.
  ///   - headerRoom: shared with the other sessions of its thread.
  /// - Returns: `nil` without memory for it.
  package init?(
    _ library: HTTP2Library, limits: SessionLimits, acceptedEncodings: String, nowMs: UInt64,
    headerRoom: HeaderRoom = HeaderRoom(), makeStore: @escaping StoreMaker
  ) {
    http2 = library.functions
    self.limits = limits
    self.makeStore = makeStore
    self.headerRoom = headerRoom
    self.acceptedEncodings = Array(acceptedEncodings.utf8)
    self.nowMs = nowMs
    budget = FrameBudget(nowMs: nowMs)
    session = makeSession()
    guard session != nil, begin() else {
      deleteSession()
      return nil
    }
  }

  deinit {
    headerRoom.giveBack(headerBytes)
    deleteSession()
  }

  /// Takes what the client sent. What there is to send then is in `appendOutput`.
  package func receive(_ bytes: UnsafeRawBufferPointer, nowMs: UInt64) {
    self.nowMs = nowMs
    var position = 0
    while let session, let start = bytes.baseAddress, position < bytes.count {
      let (next, frames) = scanner.scan(bytes, from: position, framesMax: Self.framesInOneGo)
      guard budget.spend(frames, nowMs: nowMs) else { return end(.enhanceYourCalm) }
      let taken = http2.session_mem_recv(
        session, start.assumingMemoryBound(to: UInt8.self) + position, next - position)
      guard taken == next - position else { return end(Self.errorCode(ofFailure: taken)) }
      position = next
    }
  }

  /// Few enough that what they bring is given back before the next are counted.
  private static let framesInOneGo = 64

  /// Appends what is to be sent, until there are `bytesMax` bytes or somewhat more.
  package func appendOutput(to output: inout [UInt8], bytesMax: Int) {
    while let session, output.count < bytesMax {
      var piece: UnsafePointer<UInt8>?
      let count = http2.session_mem_send(session, &piece)
      if count < 0 { end(.internalError) }
      guard count > 0 else { break }
      output += UnsafeBufferPointer(start: piece, count: count)
    }
    output += lastWords
    lastWords = []
  }

  /// What happened since the last call of this, in its order.
  package func takeEvents() -> [CallEvent] {
    giveBackHeaderRoom(closedHeaderBytes)
    closedHeaderBytes = 0
    defer { events = [] }
    return events
  }

  /// Nothing more is read or sent: the connection is to be closed.
  package var isOver: Bool {
    guard let session else { return lastWords.isEmpty }
    return http2.session_want_read(session) == 0 && http2.session_want_write(session) == 0
  }

  /// The client may take no more calls to this connection; those that are open go on, and with the last the session is
  /// over.
  package func goAway() {
    guard let session else { return }
    let last = http2.session_get_last_proc_stream_id(session)
    _ = http2.submit_goaway(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), last, ErrorCode.noError.rawValue, nil, 0)
  }

  /// The connection is gone: so are its calls.
  package func close() {
    for (_, call) in calls.sorted(by: { $0.key < $1.key }) { forget(call) }
    calls = [:]
    deleteSession()
  }

  /// Tells the client why the connection ends, and takes nothing more from it.
  func end(_ code: ErrorCode) {
    guard let session else { return }
    if code != .internalError { hasMisbehaved = true }
    let last = UInt32(clamping: http2.session_get_last_proc_stream_id(session))
    // Written by hand: libnghttp2 is not asked for anything after it has failed.
    lastWords = [0, 0, 8, UInt8(NGHTTP2_GOAWAY.rawValue), 0, 0, 0, 0, 0]
    for number in [last, code.rawValue] {
      for shift: UInt32 in [24, 16, 8, 0] { lastWords.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }
    close()
  }

  /// Sets memory aside for a call's headers.
  /// - Returns: false when its connection, or all together, have too much.
  func takeHeaderRoom(_ bytes: Int) -> Bool {
    guard headerBytes + bytes <= limits.openHeaderBytesMax, headerRoom.take(bytes, held: headerBytes) else {
      return false
    }
    headerBytes += bytes
    return true
  }

  func giveBackHeaderRoom(_ bytes: Int) {
    headerBytes -= bytes
    headerRoom.giveBack(bytes)
  }

  private func deleteSession() {
    if let session { http2.session_del(session) }
    session = nil
  }

  /// The server's settings, which come first of all that it sends.
  private func begin() -> Bool {
    // RFC 9218: what a client says of priorities is left out, which saves a tree of streams. Older headers lack the name.
    let noPriorities: Int32 = 9
    let settings = [
      (Int32(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue), UInt32(clamping: limits.callsMax)),
      (Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue), UInt32(SessionLimits.windowBytes)),
      (Int32(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue), UInt32(clamping: limits.headerBytesMax)),
      (noPriorities, 1),
    ].map { nghttp2_settings_entry(settings_id: $0, value: $1) }
    let flag = UInt8(NGHTTP2_FLAG_NONE.rawValue)
    return http2.submit_settings(session, flag, settings, settings.count) == 0
      && http2.session_set_local_window_size(session, flag, 0, SessionLimits.windowBytes) == 0
  }

  /// A failure for which older headers have no name.
  private static let tooManyContinuations = -905

  /// The code with which a client learns why libnghttp2 reads no further.
  private static func errorCode(ofFailure result: Int) -> ErrorCode {
    switch result {
    case Int(NGHTTP2_ERR_NOMEM.rawValue): .internalError
    case Int(NGHTTP2_ERR_FLOODED.rawValue), tooManyContinuations: .enhanceYourCalm
    default: .protocolError
    }
  }
}

// Time.
extension CallSession {
  /// Whether a call is open.
  package var isBusy: Bool { !calls.isEmpty }

  /// Since when the oldest call is arriving; `nil` when none is.
  package var arrivingSinceMs: UInt64? { calls.values.lazy.filter(\.isArriving).map(\.beganMs).min() }

  /// Ends calls that have not come whole within `limitMs`, and says whether the connection is of use any more.
  package func expire(limitMs: UInt64, nowMs: UInt64) -> Lateness {
    self.nowMs = nowMs
    func isLate(since beganMs: UInt64) -> Bool { nowMs > beganMs && nowMs - beganMs > limitMs }
    var found = Lateness.nothing
    for call in calls.values {
      if let answeredMs = call.answeredMs {
        if isLate(since: answeredMs) { return .answers }
      } else if call.isArriving, isLate(since: call.beganMs) {
        let isInHeaders = call.step == .headers
        fail(call, .timedOut)
        if isInHeaders { return .headers }
        found = .calls
      }
    }
    return found
  }
}

/// What of a connection is late.
package enum Lateness {
  case nothing
  /// Calls whose messages did not come. They are answered.
  case calls
  /// The headers of a call, without whose rest nothing behind them can be read: the connection is of no use.
  case headers
  /// The client does not take an answer: neither is this one.
  case answers
}
