import CCurl
import Platform

/// Owner of libcurl's loop over many transfers. Everything but `wake()` belongs to the thread that runs the loop.
struct CurlMulti: ~Copyable, @unchecked Sendable {
  private let library: CurlLibrary
  private let multi: UnsafeMutableRawPointer

  /// - Parameter connectionsMax: connections that are kept open when nothing is sent.
  init(library: CurlLibrary, connectionsMax: Int) throws(ForwarderError) {
    guard let multi = library.functions.multi_init() else { throw .noResources("libcurl gave no handle") }
    self.library = library
    self.multi = multi
    withUnsafePointer(to: library.functions) { curl in
      _ = curl_multi_set_long(curl, multi, CURLMOPT_MAXCONNECTS, connectionsMax)
    }
  }

  deinit { _ = library.functions.multi_cleanup(multi) }

  /// Ends the current or the next `wait`, from any thread.
  func wake() { _ = library.functions.multi_wakeup(multi) }

  /// Takes a transfer by its handle.
  func add(_ easy: UnsafeMutableRawPointer) -> CURLMcode { library.functions.multi_add_handle(multi, easy) }

  func remove(_ easy: UnsafeMutableRawPointer) { _ = library.functions.multi_remove_handle(multi, easy) }

  /// Does what can be done without waiting.
  func perform() {
    var running: Int32 = 0
    _ = library.functions.multi_perform(multi, &running)
  }

  /// Sleeps until a socket is ready, somebody calls `wake()`, or the time is over.
  func wait(atMost duration: Duration) {
    var ready: Int32 = 0
    let status = library.functions.multi_poll(multi, nil, 0, Int32(clamping: duration.milliseconds), &ready)
    // Out of memory, or of file descriptors: a loop that does not sleep would make that worse.
    if status != CURLM_OK { _ = poll(nil, 0, 100) }
  }

  /// Takes the transfers that have ended since the last call, by their handles.
  func takeEnded() -> [(easy: UnsafeMutableRawPointer, code: CURLcode)] {
    var ended: [(easy: UnsafeMutableRawPointer, code: CURLcode)] = []
    var left: Int32 = 0
    while let message = library.functions.multi_info_read(multi, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
      ended.append((easy, message.pointee.data.result))
    }
    return ended
  }
}
