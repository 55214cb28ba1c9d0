/// How many frames of a connection are taken that bring nothing: pings, settings, resets, windows, priorities, empty data,
/// headers of calls that never come.
///
/// Each frame costs one. What a client sends in earnest pays for itself: bytes of messages and calls that come whole give
/// back, and time does. So every flood of small frames ends in the same way, whatever it is made of: those that have a name
/// (rapid reset, CONTINUATION, PING, SETTINGS) and those that have none yet.
struct FrameBudget {
  /// More than any exporter sends beside its messages, pings of its keepalive included.
  static let burst = 1_000
  /// What comes back each second.
  static let perSecond = 100
  /// What a call that came whole gives back.
  static let perCall = 16
  /// So many bytes of a message pay for one frame; usual frames have 16 KiB.
  static let bytesPerFrame = 256

  /// What headers that are too large cost besides their frame.
  static let forLargeHeaders = 50

  private var left = Self.burst
  private var filledMs: UInt64

  init(nowMs: UInt64) { filledMs = nowMs }

  /// Takes frames.
  /// - Returns: false when the client has sent too many.
  mutating func spend(_ frames: Int, nowMs: UInt64) -> Bool {
    if left < frames { refill(nowMs) }
    guard left >= frames else { return false }
    left -= frames
    return true
  }

  /// Headers that are too large are read to their end, and may be many times as large as their frame: an entry of HTTP/2's
  /// table takes a byte.
  mutating func payForLargeHeaders() { left -= Self.forLargeHeaders }

  mutating func earn(messageBytes: Int) { give(messageBytes / Self.bytesPerFrame) }

  mutating func earnForCall() { give(Self.perCall) }

  private mutating func refill(_ nowMs: UInt64) {
    guard nowMs > filledMs else { return }
    let (frames, overflow) = (nowMs - filledMs).multipliedReportingOverflow(by: UInt64(Self.perSecond))
    give(overflow ? Self.burst : Int(clamping: frames / 1_000))
    filledMs = nowMs
  }

  private mutating func give(_ frames: Int) { left = min(Self.burst, left + min(frames, Self.burst)) }
}
