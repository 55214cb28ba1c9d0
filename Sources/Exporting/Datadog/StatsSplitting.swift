import MessagePack

/// Two halves of a payload of statistics, by groups. A bucket that is split keeps its window in each.
struct StatsSplitting {
  private let payload: [(key: MessagePackValue, value: MessagePackValue)]
  private let groupCount: Int

  /// `nil` when the bytes are no such payload, or have fewer than two groups.
  init?(_ bytes: [UInt8]) {
    guard let (value, _) = try? MessagePackValue.unpack(bytes), case .map(let payload) = value else { return nil }
    self.payload = payload
    groupCount = payload.elements("Stats").reduce(0) { sum, client in
      client.elements("Stats").reduce(sum) { $0 + $1.elements("Stats").count }
    }
    guard groupCount >= 2 else { return nil }
  }

  /// The bytes of both halves, and what is inside of them.
  func halves() -> [(bytes: [UInt8], counts: PayloadCounts)] {
    [part(0..<groupCount / 2), part(groupCount / 2..<groupCount)]
  }

  /// The payload with these of its groups only, counted through all clients and buckets.
  private func part(_ wanted: Range<Int>) -> (bytes: [UInt8], counts: PayloadCounts) {
    var counts = PayloadCounts()
    var first = 0
    let clients = payload.elements("Stats").compactMap { client -> MessagePackValue? in
      let buckets = client.elements("Stats").compactMap { bucket -> MessagePackValue? in
        let groups = bucket.elements("Stats")
        let range = wanted.clamped(to: first..<first + groups.count)
        defer { first += groups.count }
        guard !range.isEmpty else { return nil }
        counts.buckets += 1
        counts.groups += range.count
        let part = groups[range.lowerBound - first..<range.upperBound - first]
        return bucket.with("Stats", .array([MessagePackValue](part)))
      }
      return buckets.isEmpty ? nil : client.with("Stats", .array(buckets))
    }
    let value = MessagePackValue.map(payload).with("Stats", .array(clients)).with("SplitPayload", true)
    return (value.pack(), counts)
  }
}

extension [(key: MessagePackValue, value: MessagePackValue)] {
  /// The elements of the list under this key; none when there is no list.
  fileprivate func elements(_ key: String) -> [MessagePackValue] {
    guard case .array(let elements)? = first(where: { $0.key == .text(key) })?.value else { return [] }
    return elements
  }
}

extension MessagePackValue {
  fileprivate func elements(_ key: String) -> [MessagePackValue] {
    if case .map(let entries) = self { entries.elements(key) } else { [] }
  }

  /// The map with another value under this key.
  fileprivate func with(_ key: String, _ value: MessagePackValue) -> MessagePackValue {
    guard case .map(let entries) = self else { return self }
    return .map(entries.map { $0.key == .text(key) ? (key: $0.key, value: value) : $0 })
  }
}
