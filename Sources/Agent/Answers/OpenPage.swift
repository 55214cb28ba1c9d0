import Platform

/// Where the page is, once it is open: it asks the same queries that say where it is.
final class OpenPage: Sendable {
  private let address = Lock<String?>(nil)

  /// What a person opens, such as `http://127.0.0.1:8127`; `nil` while there is none.
  var url: String? {
    get { address.withLock { $0 } }
    set { address.withLock { $0 = newValue } }
  }
}
