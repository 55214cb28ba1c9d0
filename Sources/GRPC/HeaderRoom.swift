/// What the headers of all open calls may take together, over all connections of one thread. A client may have an entry of
/// HTTP/2's table stand for thousands of bytes, so that headers cost it much less than they take here.
package final class HeaderRoom {
  /// As much as a thousand connections of HTTP/1.1 may take.
  package static let usualBytesMax = 32 << 20

  private let bytesMax: Int
  /// Bytes of memory that are taken now.
  package private(set) var bytesTaken = 0

  /// Room for so many bytes.
  package init(bytesMax: Int = HeaderRoom.usualBytesMax) { self.bytesMax = bytesMax }

  /// - Returns: false, and nothing is taken, when there is not so much left.
  func take(_ bytes: Int) -> Bool {
    guard bytes <= bytesMax - bytesTaken else { return false }
    bytesTaken += bytes
    return true
  }

  func giveBack(_ bytes: Int) { bytesTaken -= bytes }
}
