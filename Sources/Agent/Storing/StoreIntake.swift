import Store

/// What the receiving threads and the flusher hand to a store, with the time.
struct StoreIntake: TraceTaking {
  private let store: HistoryStore
  private let clock: WallClock

  init(_ store: HistoryStore, clock: WallClock) {
    self.store = store
    self.clock = clock
  }

  func add(_ block: TraceBlock) { store.add(block, nowNs: clock.nowNs) }

  func noteArrival() { store.noteArrival() }

  func lose(_ counts: ChunkCounts) { store.lose(counts) }

  /// Opens the way to the store: from now on its thread gathers what has come to the shards, and what their open buckets
  /// have counted.
  func open(_ storing: TraceStoring, shards: [ReceivingShard], bucketSizeNs: Int64) {
    store.gather { [store, clock] in
      storing.beginGathering()
      for shard in shards where !shard.handOverTraces() { store.noteArrival() }
      let open = shards.compactMap { $0.openBuckets(until: .soon) }
      guard open.count == shards.count else { return }
      store.addOpen(open, bucketSizeNs: bucketSizeNs, nowNs: clock.nowNs)
    }
    storing.open(self)
  }
}
