import CMicroHTTPD
import Platform

/// The browsers that wait for news: each has a connection of its own, which sleeps in between.
final class EventStreams: Sendable {
  /// Pages that are open at a time; the one that came first gives way to one more, and asks again by itself.
  static let streamsMax = 24
  /// The same of one client, so that no machine takes them all. Two browsers on one have six each.
  static let streamsPerClientMax = 12
  /// Bytes that wait for a browser which does not read; with more its connection is closed.
  private static let pendingBytesMax = 4_096
  /// What the system holds for a browser besides; its usual megabytes would hide for hours that one does not read.
  private static let systemBytes: Int32 = 8_192
  /// How long stopping waits for browsers that do not read.
  private static let farewell = Duration.milliseconds(250)
  private let agent: String

  private struct Stream: Sendable {
    let connection: SleepingConnection
    let client: String
    let descriptor: Int32
    var pending: [UInt8]
    /// Its connection sleeps, and must be woken for anything to happen on it.
    var isSuspended = false
    var hasEnded = false
  }

  private struct State: Sendable {
    var streams: [UInt64: Stream] = [:]
    var nextNumber: UInt64 = 0
    var isStopped = false
  }

  private let state = Lock(State())
  /// Woken when the last stream has gone after the end was announced; `nil` where the system gives no pipe.
  private let emptied = try? WakePipe()

  /// - Parameter agent: tells one run of an agent from another; without characters that JSON escapes.
  init(agent: String) { self.agent = agent }

  /// How soon a browser asks again when its connection is gone, in ms, and whom it is connected to.
  private var greeting: String {
    "retry: 2000\nevent: hello\ndata: {\"agent\":\"\(agent)\",\"page\":\"\(PageFile.versionOfAll)\"}\n\n"
  }

  /// How many wait for news.
  var count: Int { state.withLock { $0.streams.count } }

  /// Begins a stream on a connection; the number is what `read` and `close` take.
  func open(_ mhd: OpaquePointer, on page: PageConnection) -> UInt64 {
    var size = Self.systemBytes
    setsockopt(page.descriptor, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    let stream = Stream(
      connection: SleepingConnection(pointer: mhd), client: page.client, descriptor: page.descriptor,
      pending: Array(greeting.utf8))
    return state.withLock { state in
      let open = state.streams.filter { !$0.value.hasEnded }
      let ofClient = open.filter { $0.value.client == page.client }
      let leaving =
        ofClient.count >= Self.streamsPerClientMax ? ofClient : open.count >= Self.streamsMax ? open : [:]
      if let first = leaving.keys.min() {
        state.streams[first]?.hasEnded = true
        Self.wake(&state.streams[first])
      }
      let number = state.nextNumber
      state.nextNumber += 1
      state.streams[number] = stream
      return number
    }
  }

  /// On the daemon's thread: copies what waits. With nothing there the connection falls asleep, and 0 is returned.
  /// - Returns: `nil` at the end of the stream.
  func read(_ number: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int? {
    state.withLock { state -> Int? in
      guard var stream = state.streams[number], !stream.hasEnded, !state.isStopped else { return nil }
      let count = min(stream.pending.count, buffer.count)
      if count > 0 {
        buffer.copyBytes(from: stream.pending.prefix(count))
        stream.pending.removeFirst(count)
      } else {
        stream.isSuspended = true
        MHD_suspend_connection(stream.connection.pointer)
      }
      state.streams[number] = stream
      return count
    }
  }

  /// On the daemon's thread: the connection is gone.
  func close(_ number: UInt64) {
    let isLast = state.withLock { state in
      state.streams.removeValue(forKey: number)
      return state.isStopped && state.streams.isEmpty
    }
    if isLast { emptied?.wake() }
  }

  /// Sends one event, or a comment that only shows whether the browser is still there, to all. Those that have not read
  /// what was sent before are closed.
  func send(_ text: String) {
    state.withLock { state in
      for number in state.streams.keys {
        if let count = state.streams[number]?.pending.count, count + text.utf8.count <= Self.pendingBytesMax {
          state.streams[number]?.pending += Array(text.utf8)
        } else if let stream = state.streams[number], !stream.hasEnded {
          state.streams[number]?.hasEnded = true
          shutdown(stream.descriptor, Int32(SHUT_RDWR))
        }
        Self.wake(&state.streams[number])
      }
    }
  }

  /// Ends all streams, and gives the browsers a moment to be told. Afterwards no connection sleeps, which stopping the
  /// daemon takes for granted.
  func stop() {
    let mustWait = state.withLock { state in
      state.isStopped = true
      for number in state.streams.keys { Self.wake(&state.streams[number]) }
      return !state.streams.isEmpty
    }
    if mustWait { _ = emptied?.waitUntilWoken(atMost: Self.farewell) }
  }

  private static func wake(_ stream: inout Stream?) {
    guard let connection = stream?.connection, stream?.isSuspended == true else { return }
    stream?.isSuspended = false
    MHD_resume_connection(connection.pointer)
  }
}

/// A connection that libmicrohttpd leaves alone until it is resumed, from whichever thread.
struct SleepingConnection: @unchecked Sendable {
  let pointer: OpaquePointer
}
