import GRPC
import Platform

/// The thread of a `CallWorker`: waits for its connections, reads what they bring, has their calls handled, and sends the
/// answers. `run` is its whole life, and it alone touches what changes here.
final class CallLoop {
  /// Bytes that are read from one connection before the next has its turn.
  private static let readBytes = 65_536
  /// Bytes that are gathered for one write.
  private static let writeBytes = 65_536

  private let worker: CallWorker
  private let library: HTTP2Library
  private let wake: WakePipe
  private let calls: CallHandling
  private let stores: MessageStores
  private let headerRoom = HeaderRoom()
  private var connections: [CallConnection] = []
  private let room = UnsafeMutableRawBufferPointer.allocate(byteCount: CallLoop.readBytes, alignment: 16)
  private var output: [UInt8] = []
  private var nextSweepMs: UInt64 = 0
  private var nowMs: UInt64 = 0

  init(_ worker: CallWorker, _ library: HTTP2Library, wake: WakePipe) {
    self.worker = worker
    self.library = library
    self.wake = wake
    calls = CallHandling(worker, wake: wake)
    stores = MessageStores(worker.state.bodies, bytesMax: worker.settings.messageBytesMax)
  }

  deinit { room.deallocate() }

  func run() {
    var entries: [pollfd] = []
    while !worker.mustEnd.load(ordering: .acquiring) {
      entries.removeAll(keepingCapacity: true)
      entries.append(pollfd(fd: wake.readEnd, events: Int16(POLLIN), revents: 0))
      for connection in connections {
        let events = (connection.wantsInput ? POLLIN : 0) | (connection.unsent.isEmpty ? 0 : POLLOUT)
        entries.append(pollfd(fd: connection.descriptor, events: Int16(events), revents: 0))
      }
      _ = poll(&entries, nfds_t(entries.count), waitMs())
      nowMs = SystemCalls.monotonicMs()
      for (connection, entry) in zip(connections, entries.dropFirst()) where entry.revents != 0 { serve(connection) }
      if entries[0].revents != 0 {
        wake.drain()
        letGo()
        for connection in calls.deliverLateAnswers() {
          connection.activeMs = nowMs
          advance(connection)
        }
        for arrival in worker.takeArrived() { open(arrival) }
      }
      sweepIfDue()
      connections.removeAll { closeIfOver($0) }
    }
    for connection in connections { close(connection) }
    for arrival in worker.takeArrived() { worker.close(arrival) }
  }

  private func open(_ arrival: CallWorker.Arrival) {
    let limits = SessionLimits(
      headerBytesMax: worker.headerBytesMax, messageBytesMax: worker.settings.messageBytesMax,
      callsMax: worker.settings.callsMax)
    let session = CallSession(
      library, limits: limits, acceptedEncodings: "identity,gzip,zstd", nowMs: nowMs, headerRoom: headerRoom
    ) { [stores] in stores.makeStore(messageBytes: $0) }
    guard let session else { return worker.close(arrival) }
    let connection = CallConnection(
      descriptor: arrival.descriptor, peer: arrival.peer, session: session, nowMs: arrival.nowMs)
    worker.opened(connection)
    connections.append(connection)
    serve(connection)
  }

  /// Reads once, and takes to its end what came.
  private func serve(_ connection: CallConnection) {
    if worker.state.isDraining.load(ordering: .relaxed), !connection.hasGoneAway {
      // Before more calls are read, which are to go elsewhere.
      goAway(connection)
      send(connection)
    }
    if connection.wantsInput { read(connection) }
    advance(connection)
  }

  private func read(_ connection: CallConnection) {
    let count = recv(connection.descriptor, room.baseAddress, room.count, 0)
    guard count > 0 else {
      if count == 0 || !Errno.isNothingYet(Errno.current) { connection.hasEnded = true }
      return
    }
    connection.activeMs = nowMs
    if let discarded = connection.discardedBytes {
      connection.discardedBytes = discarded + count
      return
    }
    connection.session.receive(UnsafeRawBufferPointer(rebasing: room[..<count]), nowMs: nowMs)
  }

  /// Handles the calls that have come, and sends what there is to send.
  private func advance(_ connection: CallConnection) {
    if worker.state.isDraining.load(ordering: .relaxed) { goAway(connection) }
    calls.handle(connection.session.takeEvents(), of: connection)
    send(connection)
    // Sending ends calls.
    calls.handle(connection.session.takeEvents(), of: connection)
    connection.updateStamp()
  }

  private func send(_ connection: CallConnection) {
    while true {
      if connection.unsent.isEmpty {
        output.removeAll(keepingCapacity: true)
        connection.session.appendOutput(to: &output, bytesMax: Self.writeBytes)
        guard !output.isEmpty else { return }
        guard let left = write(output, to: connection) else { return }
        if left.isEmpty { continue }
        (connection.unsent, connection.unsentSinceMs) = (Array(left), nowMs)
        return
      }
      guard let left = write(connection.unsent, to: connection) else { return }
      if left.count < connection.unsent.count { connection.unsentSinceMs = nowMs }
      connection.unsent = Array(left)
      if !left.isEmpty { return }
    }
  }

  /// What the socket does not take now; `nil` when the connection is broken.
  private func write(_ bytes: [UInt8], to connection: CallConnection) -> ArraySlice<UInt8>? {
    let count = bytes.withUnsafeBytes { systemSend(connection.descriptor, $0) }
    if count >= 0 { return bytes[count...] }
    if Errno.isNothingYet(Errno.current) { return bytes[...] }
    connection.hasEnded = true
    connection.unsent = []
    return nil
  }

  private func goAway(_ connection: CallConnection) {
    guard !connection.hasGoneAway else { return }
    connection.hasGoneAway = true
    connection.session.goAway()
  }

  /// After a wake: those that are to go, be it one of them or all.
  private func letGo() {
    let isDraining = worker.state.isDraining.load(ordering: .relaxed)
    for connection in connections where isDraining || connection.gaveWay.load(ordering: .relaxed) {
      goAway(connection)
      advance(connection)
    }
  }

  // MARK: Ends

  /// - Returns: whether the connection is closed now.
  private func closeIfOver(_ connection: CallConnection) -> Bool {
    // One that gives way may have been chosen a moment ago, and not have been told yet.
    let mustLeave = connection.hasGoneAway && connection.gaveWay.load(ordering: .relaxed)
    if !connection.hasEnded, !mustLeave {
      if let discarded = connection.discardedBytes {
        guard discarded > CallConnection.discardBytesMax else { return false }
      } else {
        guard connection.session.isOver, connection.unsent.isEmpty else { return false }
        if connection.session.hasMisbehaved {
          // Closed with something unread, the connection would be reset, and the client might not learn why.
          SystemCalls.shutdownWriting(connection.descriptor)
          (connection.discardedBytes, connection.discardingSinceMs) = (0, nowMs)
          connection.updateStamp()
          worker.state.malformed.increment()
          return false
        }
      }
    }
    close(connection)
    return true
  }

  private func close(_ connection: CallConnection) {
    connection.session.close()
    calls.handle(connection.session.takeEvents(), of: connection)
    worker.close(connection)
  }

  // MARK: Time

  /// Milliseconds until something is late; -1 for never.
  private func waitMs() -> Int32 {
    let nowMs = SystemCalls.monotonicMs()
    var due: UInt64?
    for connection in connections {
      let idleUntilMs = connection.activeMs.addingReportingOverflow(worker.deadlines.idleMs).partialValue
      due = min(due ?? .max, connection.isIdle ? max(idleUntilMs, nextSweepMs) : nextSweepMs)
    }
    guard let due else { return -1 }
    return due > nowMs ? Int32(clamping: due - nowMs + 1) : 0
  }

  private func sweepIfDue() {
    guard nowMs >= nextSweepMs else { return }
    nextSweepMs = nowMs + worker.deadlines.sweepIntervalMs
    for connection in connections { sweep(connection) }
  }

  private func sweep(_ connection: CallConnection) {
    func isLate(since beganMs: UInt64, _ limitMs: UInt64) -> Bool { nowMs > beganMs && nowMs - beganMs > limitMs }
    let requestMs = worker.deadlines.requestMs
    if connection.discardedBytes != nil {
      if isLate(since: connection.discardingSinceMs, requestMs) { connection.hasEnded = true }
    } else if !connection.session.hasBegun {
      guard isLate(since: connection.openedMs, requestMs) else { return }
      worker.state.timedOut.increment()
      connection.hasEnded = true
    } else if !connection.unsent.isEmpty, isLate(since: connection.unsentSinceMs, requestMs) {
      endUntaken(connection)
    } else if connection.isIdle {
      guard isLate(since: connection.activeMs, worker.deadlines.idleMs) else { return }
      worker.state.idleClosed.increment()
      goAway(connection)
      advance(connection)
    } else {
      switch connection.session.expire(limitMs: requestMs, nowMs: nowMs) {
      case .nothing: return
      case .calls: advance(connection)
      case .headers: connection.hasEnded = true
      case .answers: endUntaken(connection)
      }
    }
  }

  /// A client that does not take its answers.
  private func endUntaken(_ connection: CallConnection) {
    worker.state.idleClosed.increment()
    connection.hasEnded = true
  }
}

private func systemSend(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
  send(descriptor, bytes.baseAddress, bytes.count, SystemCalls.sendFlags)
}
