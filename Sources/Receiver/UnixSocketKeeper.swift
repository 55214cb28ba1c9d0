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
    /// Of all listeners that are still accepted from, the newest last.
    var files: [SocketFile] = []
    /// Whether one of them was at the path at the last look.
    var isOpen = false
    var failure: ListenerFailure?
  }

  /// Unix sockets of one path that stay open: whoever has an old file mounted goes on reaching the agent by it.
  static let listenersMax = 4

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
  var isOpen: Bool { state.withLock { $0.isOpen } }

  /// Why they do not; `nil` while they do.
  var failure: ListenerFailure? { state.withLock { $0.failure } }

  /// Opens the socket if it is not there, and returns what is new: the listener to accept from, or why there is none.
  func look() -> (listener: Listener?, change: UnixSocketChange)? {
    state.withLock { state in
      // The newest first: it is the one in place, unless somebody has moved an old file back.
      if state.files.reversed().contains(where: \.isInPlace) {
        guard !state.isOpen else { return nil }
        (state.isOpen, state.failure) = (true, nil)
        return (nil, .opened(.unix(path: path), isAnew: true))
      }
      if state.failure?.severity == .note, !hasFolder { return nil }
      switch UnixSocket.open(path, mode: mode) {
      case .success(let listener):
        let change = UnixSocketChange.opened(listener.address, isAnew: !state.files.isEmpty)
        (state.isOpen, state.failure) = (true, nil)
        state.files = (state.files + [listener.file].compactMap(\.self)).suffix(Self.listenersMax)
        return (listener, change)
      case .failure(var failure):
        if isOptional, !hasFolder { failure.severity = .note }
        defer { (state.isOpen, state.failure) = (false, failure) }
        return failure == state.failure ? nil : (nil, .missing(failure))
      }
    }
  }

  /// Whether somebody wants the socket who can still make way for it: there can be one at the path.
  var mayOpenLater: Bool { !isOptional && SystemAddress(.unix(path: path)) != nil }

  private var hasFolder: Bool {
    guard let slash = path.lastIndex(of: "/") else { return true }
    var status = stat()
    return stat(slash == path.startIndex ? "/" : String(path[..<slash]), &status) == 0
  }
}
