import Control
import Traces

/// What `roost traces --follow` has printed, and what is new to print.
///
/// A trace comes in parts: of several services, and within seconds of each other. It is printed once, when nothing more of
/// it came between two looks.
package struct TraceFollowing: Sendable {
  private struct Waiting {
    var row: TraceSummary
    /// Its place among those that wait, in the order in which they came.
    let place: Int
    let firstLook: Int
    var lastLook: Int
  }

  /// Looks after which a trace is printed that still grows.
  private static let looksMax = 5
  /// Traces that wait for the rest of them; beyond it all are printed as they are.
  private static let waitingMax = 20_000
  /// Ids that are remembered at least; twice as many at most.
  private static let rememberedMin = 50_000

  private var look = 0
  private var places = 0
  private var waiting: [UInt64: Waiting] = [:]
  private var printed: Set<UInt64> = []
  private var printedBefore: Set<UInt64> = []

  /// - Parameter rows: traces that are printed already.
  package init(printed rows: [TraceSummary] = []) {
    for row in rows { remember(Self.key(row)) }
  }

  /// Takes traces of which something came, in the order in which it did.
  /// - Returns: what is to be printed at once, because too much waits.
  package mutating func take(_ rows: [TraceSummary]) -> [TraceSummary] {
    for row in rows {
      let key = Self.key(row)
      guard !printed.contains(key), !printedBefore.contains(key) else { continue }
      let known = waiting[key]
      waiting[key] = Waiting(
        row: row, place: known?.place ?? places, firstLook: known?.firstLook ?? look, lastLook: look)
      places += 1
    }
    return waiting.count > Self.waitingMax ? release { _ in true } : []
  }

  /// Ends a look: all that came has been taken.
  /// - Returns: the traces of which nothing came any more, in the order in which they arrived.
  package mutating func endLook() -> [TraceSummary] {
    let ending = look
    look += 1
    return release { $0.lastLook < ending || ending - $0.firstLook >= Self.looksMax }
  }

  private mutating func release(_ isReady: (Waiting) -> Bool) -> [TraceSummary] {
    let ready = waiting.filter { isReady($0.value) }
    for key in ready.keys {
      waiting[key] = nil
      remember(key)
    }
    return ready.values.sorted { $0.place < $1.place }.map(\.row)
  }

  private mutating func remember(_ key: UInt64) {
    if printed.count >= Self.rememberedMin {
      printedBefore = printed
      printed = []
    }
    printed.insert(key)
  }

  /// The lower half of the id: the upper one may only come with a later part.
  private static func key(_ row: TraceSummary) -> UInt64 { row.id.low }
}
