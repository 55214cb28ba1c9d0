import Configuration
import Exporting
import Platform

/// The main loop, from the start to the signal that ends it.
extension AgentProcess {
  /// Once a second something may be due; a signal ends the wait at once.
  func serve(
    _ running: Running, _ signals: inout SignalWaiter, _ supervision: inout Supervision, _ metrics: inout MetricsSender?
  ) {
    var schedule = FlushSchedule(bucketSizeNs: configuration.bucketSize.nanoseconds, nowNs: clock.nowNs)
    var quiet = QuietWatch(activity: 0, settlingLooks: settlingSeconds)
    var isOverloaded = false
    var isAtWork = true
    var watch = ConfigurationWatch(loaded, read: reading, reload: reload(of: running), log: log)
    while true {
      let request = wait(atMost: supervision.sleepLimit, running, &signals, isAtWork: isAtWork)
      guard request != .end, owner?.isThere() ?? true else { break }
      if request != nil { log.reopen() }
      if request == .reload { supervision.reloading { watch.look(isAsked: true) { false } } }
      watch.look(isAsked: false) {
        running.forwarder?.counters.isKeyRefused == true || running.products.keyRefusal.take()
      }
      supervision.look { running.receiver.shards.allSatisfy { $0.isFree(until: .soon) } }
      running.sockets.restore()
      running.dashboard?.look(requests: running.server?.connectionCounters.requests ?? 0)
      metrics?.sendWhenDue { running.queries.info(within: .milliseconds(250)) }
      let step = quiet.next(activity: running.activity)
      isAtWork = step.works
      if isAtWork {
        flush(running, &schedule)
        running.queries.noteMinute()
      }
      if configuration.maxMemoryBytes > 0, step.works || isOverloaded {
        isOverloaded = running.receiver.parts.pipeline.memory.isExceeded()
        running.receiver.setOverloaded(isOverloaded)
      }
      if step.releases {
        HeapMemory.giveBack()
        MappedFiles.releaseCleanPages()
      }
    }
  }

  /// Waits for a signal. While something comes, what has been gathered for long enough leaves halfway too.
  private func wait(
    atMost limit: Duration, _ running: Running, _ signals: inout SignalWaiter, isAtWork: Bool
  ) -> SignalWaiter.Request? {
    guard isAtWork else { return signals.wait(atMost: limit) }
    guard limit > GatheringTimes.lookPeriod else { return waitKeepingStatistics(atMost: limit, running, &signals) }
    if let request = waitKeepingStatistics(atMost: GatheringTimes.lookPeriod, running, &signals) { return request }
    running.flusher.flushTraces(nowNs: clock.nowNs)
    return waitKeepingStatistics(atMost: limit - GatheringTimes.lookPeriod, running, &signals)
  }

  /// Waits for a signal, and keeps on disk what open buckets have counted whenever that is due.
  private func waitKeepingStatistics(
    atMost limit: Duration, _ running: Running, _ signals: inout SignalWaiter
  ) -> SignalWaiter.Request? {
    let end = ContinuousClock.now + limit
    while let due = running.flusher.openStatisticsDue, due < end {
      if let request = signals.wait(atMost: max(.zero, due - .now)) { return request }
      running.flusher.keepOpenStatistics()
    }
    return signals.wait(atMost: max(.zero, end - .now))
  }

  /// How long after a request its last statistics and its payload have left. A bucket closes when its start is two widths
  /// old, is taken at the next boundary, and the journal lets go of it one later. A payload waits for its flush period; an
  /// output gives its memory back one more later.
  private var settlingSeconds: Int {
    let wait = configuration.bucketSize * 4 + configuration.traceWriter.flushPeriod * 2 + .seconds(5)
    return Int(clamping: min(wait, .seconds(86_400)).components.seconds)
  }

  private func flush(_ running: Running, _ schedule: inout FlushSchedule) {
    let now = clock.nowNs
    running.flusher.flushTraces(nowNs: now)
    defer { if let due = running.flusher.openStatisticsDue, due <= .now { running.flusher.keepOpenStatistics() } }
    guard schedule.isStatsDue(nowNs: now) else { return }
    running.flusher.flushStats(nowNs: now) ? schedule.endRepeating() : schedule.repeatStats(nowNs: now)
  }

  private func reload(of running: Running) -> ConfigurationReload {
    let pipeline = running.receiver.parts.pipeline
    return ConfigurationReload(
      loaded, samplers: pipeline.samplers, log: log, clock: clock,
      actions: ConfigurationReload.Actions(
        answer: { running.receiver.answer(by: $0, running.server) },
        process: { pipeline.changedProcessing.replace(by: PipelineParts.steps($0, threads: shardCount)) },
        sendWithKeys: { configuration in
          guard Forwarding.replaceKeys(of: running.forwarder, by: configuration, build) else { return false }
          running.products.replaceRules(by: configuration)
          // What was refused before says nothing of the new keys.
          _ = running.products.keyRefusal.take()
          return true
        }))
  }
}
