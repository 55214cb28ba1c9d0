import Addresses
import Platform

/// What has become of the unix socket since somebody last looked.
package enum UnixSocketChange: Sendable, Equatable {
  /// It is at its path, after its file had gone or, for the first time, after what was in the way had.
  case opened(SocketAddress, isAnew: Bool)
  /// Its file is gone or another one, or stays away for another reason than before.
  case missing(ListenerFailure)
}

/// Keeps the unix socket of the configuration at its path: opens it anew when its file is gone, whatever took that away,
/// and opens it once what stood in the way has left.
///
/// Looking is a call of the system when all is well, so that it may be done every second. Belongs to no thread.
final class UnixSocketKeeper: Sendable {
  private struct State {
    var file: SocketFile?
    var failure: ListenerFailure?
  }

  let path: String
  private let mode: UInt32
  private let isOptional: Bool
  private let state = Lock(State())

  /// - Parameter isOptional: nobody asked for this path, so that it is no news when its folder is missing.
  init(path: String, mode: UInt32, isOptional: Bool) {
    self.path = path
    self.mode = mode
    self.isOptional = isOptional
  }

  /// Whether clients that connect to the path come here, as far as the last look goes.
  var isOpen: Bool { state.withLock { $0.file != nil } }

  /// Why they do not; `nil` while they do.
  var failure: ListenerFailure? { state.withLock { $0.failure } }

  /// Opens the socket if it is not there, and returns what is new: the listener to accept from, or why there is none.
  func look() -> (listener: Listener?, change: UnixSocketChange)? {
    state.withLock { state in
      if let file = state.file, file.isInPlace { return nil }
      if state.failure?.severity == .note, !hasFolder { return nil }
      switch UnixSocket.open(path, mode: mode) {
      case .success(let listener):
        let change = UnixSocketChange.opened(listener.address, isAnew: state.file != nil)
        state = State(file: listener.file)
        return (listener, change)
      case .failure(var failure):
        if isOptional, !hasFolder { failure.severity = .note }
        defer { state = State(failure: failure) }
        return failure == state.failure ? nil : (nil, .missing(failure))
      }
    }
  }

  private var hasFolder: Bool {
    guard let slash = path.lastIndex(of: "/") else { return true }
    var status = stat()
    return stat(slash == path.startIndex ? "/" : String(path[..<slash]), &status) == 0
  }
}
