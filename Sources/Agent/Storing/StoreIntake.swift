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

  var waitingBytes: Int { store.waitingBytes }

  func noteArrival() { store.noteArrival() }

  func lose(_ counts: ChunkCounts) { store.lose(counts) }

  /// Opens the way to the store: from now on its thread gathers what has come to the shards, and what their open buckets
  /// have counted.
  func open(_ storing: TraceStoring, shards: [ReceivingShard], bucketSizeNs: Int64) {
    store.gather { [store, clock] in
      storing.beginGathering()
      // One deadline for all of them: threads that are stuck must not add up.
      let soon = ContinuousClock.Instant.soon
      for shard in shards where !shard.handOverTraces(until: soon) { store.noteArrival() }
      store.addOpen(bucketSizeNs: bucketSizeNs, nowNs: clock.nowNs) {
        shards.map { $0.settledBuckets(until: soon) }
      }
    }
    storing.open(self)
  }
}
