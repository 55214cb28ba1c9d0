/// What was found out of clients, by what tells them apart (`ClientOrigin.writeKey`).
struct RememberedClients: Sendable {
  struct Entry: Sendable {
    /// The client's container; `nil` for one that is in none. While that is looked up anew, what it was before.
    var container: KnownContainer?
    /// A look-up has been begun and has not ended.
    var isPending = false
    /// Whether there is an answer, perhaps an old one: only those wait who have none.
    var isAnswered = false
    /// When it was looked up, and until when that is believed; nanoseconds since 1970.
    var sinceNs: Int64 = 0
    var untilNs: Int64 = 0
    fileprivate var lastUseNs: Int64 = 0
    fileprivate var isUsedAgain = false

    func isValid(nowNs: Int64) -> Bool { nowNs >= sinceNs && nowNs < untilNs }
  }

  private var entries: [[UInt8]: Entry] = [:]
  private let clientsMax: Int

  /// - Parameter clientsMax: that are remembered.
  init(clientsMax: Int) { self.clientsMax = max(1, clientsMax) }

  var count: Int { entries.count }

  /// Notes that a client sent something; `nil` for one that is not remembered.
  mutating func use(_ key: [UInt8], nowNs: Int64) -> Entry? {
    guard let index = entries.index(forKey: key) else { return nil }
    entries.values[index].lastUseNs = nowNs
    entries.values[index].isUsedAgain = true
    return entries.values[index]
  }

  subscript(key: [UInt8]) -> Entry? { entries[key] }

  /// Remembers a client, for which others may have to make way.
  mutating func set(_ entry: Entry, _ key: [UInt8], nowNs: Int64) {
    if entries[key] == nil { makeWay(nowNs) }
    var entry = entry
    entry.lastUseNs = max(entry.lastUseNs, nowNs)
    entries[key] = entry
  }

  mutating func forget(_ key: [UInt8]) { entries[key] = nil }

  /// Makes way for an eighth of the clients at once: first who came once, then who was silent for longest. So one that
  /// calls itself something new each time drives out only itself.
  private mutating func makeWay(_ nowNs: Int64) {
    guard entries.count >= clientsMax else { return }
    let ranked = entries.filter { !$0.value.isPending }.sorted { one, other in
      let (one, other) = (one.value, other.value)
      return one.isUsedAgain == other.isUsedAgain ? one.lastUseNs < other.lastUseNs : other.isUsedAgain
    }
    for (key, _) in ranked.prefix(max(1, clientsMax / 8)) { entries[key] = nil }
  }
}
