import Statistics

extension StatsPayload {
  /// These statistics in parts of at most `groupsMax` groups, each with the client and the window that its groups belong
  /// to; the order is kept. Clients and buckets without groups are left out.
  func split(groupsMax: Int) -> [StatsPayload] {
    var parts: [StatsPayload] = []
    var capacity = 0
    for client in stats {
      for bucket in client.stats {
        var groups = bucket.stats[...]
        while !groups.isEmpty {
          if capacity == 0 {
            parts.append(withoutStats)
            capacity = groupsMax
          }
          let taken = groups.prefix(capacity)
          parts[parts.count - 1].add(taken, of: bucket, of: client)
          groups = groups.dropFirst(taken.count)
          capacity -= taken.count
        }
      }
    }
    if parts.count > 1 {
      for index in parts.indices { parts[index].splitPayload = true }
    }
    return parts
  }

  private var withoutStats: StatsPayload {
    var payload = self
    payload.stats = []
    return payload
  }

  /// Adds groups behind those that are there, under a new bucket, and under a new client if it is not the last one's.
  private mutating func add(
    _ groups: ArraySlice<ClientGroupedStats>, of bucket: ClientStatsBucket, of client: ClientStatsPayload
  ) {
    var part = bucket
    part.stats = [ClientGroupedStats](groups)
    var empty = client
    empty.stats = []
    if var last = stats.last {
      let buckets = last.stats
      last.stats = []
      if last == empty {
        last.stats = buckets + [part]
        stats[stats.count - 1] = last
        return
      }
    }
    empty.stats = [part]
    stats.append(empty)
  }
}
