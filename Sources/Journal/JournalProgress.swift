/// How far the requests of each receiving thread have come. Decides only: it knows no files and no threads.
///
/// Whatever is to leave with a part of the requests, a payload of traces for one, is a *cover*: it covers all of its lane up
/// to a number. Covers of a lane may end in any order; the lane is done up to the last one before which none is open.
struct JournalProgress: Sendable {
  private struct Cover: Sendable {
    let id: UInt64
    let upTo: UInt64
    var isDone = false
  }

  private var covers: [[Cover]]
  /// Which lane a cover is of.
  private var lanes: [UInt64: Int] = [:]
  private var nextID: UInt64 = 1
  /// Up to which number each lane is done.
  private(set) var done: [UInt64]

  init(lanes: Int) {
    covers = Array(repeating: [], count: lanes)
    done = Array(repeating: 0, count: lanes)
  }

  /// Begins a cover of all of a lane up to a number.
  mutating func begin(lane: Int, upTo: UInt64) -> UInt64 {
    defer { nextID += 1 }
    covers[lane].append(Cover(id: nextID, upTo: upTo))
    lanes[nextID] = lane
    return nextID
  }

  /// Ends a cover; nothing happens for one that has ended before.
  /// - Returns: the lane, when it is done further than before.
  mutating func finish(_ id: UInt64) -> Int? {
    guard let lane = lanes.removeValue(forKey: id), let place = covers[lane].firstIndex(where: { $0.id == id }) else {
      return nil
    }
    covers[lane][place].isDone = true
    let before = done[lane]
    while let first = covers[lane].first, first.isDone {
      done[lane] = max(done[lane], first.upTo)
      covers[lane].removeFirst()
    }
    return done[lane] > before ? lane : nil
  }
}
