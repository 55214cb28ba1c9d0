import CMicroHTTPD
import Platform

/// The browsers that wait for news: each has a connection of its own, which sleeps in between.
final class EventStreams: Sendable {
  /// Pages that are open at a time; the one that came first gives way to one more, and asks again by itself.
  static let streamsMax = 24
  /// Bytes that wait for a browser which does not read; what is more is left out, as the next news say the same.
  private static let pendingBytesMax = 4_096
  /// How long stopping waits for browsers that do not read.
  private static let farewell = Duration.milliseconds(250)
  /// How soon a browser asks again when its connection is gone, in ms.
  private static let retry = "retry: 2000\n\n"

  private struct Stream: Sendable {
    let connection: SleepingConnection
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

  /// Whether anybody waits for news.
  var isEmpty: Bool { state.withLock { $0.streams.isEmpty } }

  /// Begins a stream on a connection; the number is what `read` and `close` take.
  func open(_ mhd: OpaquePointer) -> UInt64 {
    let connection = SleepingConnection(pointer: mhd)
    return state.withLock { state in
      if state.streams.count >= Self.streamsMax, let first = state.streams.keys.min() {
        state.streams[first]?.hasEnded = true
        Self.wake(&state.streams[first])
      }
      let number = state.nextNumber
      state.nextNumber += 1
      state.streams[number] = Stream(connection: connection, pending: Array(Self.retry.utf8))
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

  /// Sends one event, or a comment that only shows whether the browser is still there, to all.
  func send(_ text: String) {
    state.withLock { state in
      for number in state.streams.keys {
        if let count = state.streams[number]?.pending.count, count + text.utf8.count <= Self.pendingBytesMax {
          state.streams[number]?.pending += Array(text.utf8)
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
