/// What the headers of all open calls may take together, over all connections of one thread. A client may have an entry of
/// HTTP/2's table stand for thousands of bytes, so that headers cost it much less than they take here.
///
/// A connection whose own take little has room in any case: who takes all there is keeps nobody else out.
package final class HeaderRoom {
  /// As much as a thousand connections of HTTP/1.1 may take, less what is left to the small ones.
  package static let usualBytesMax = 28 << 20
  /// Sixteen usual calls; 4 MiB for as many connections as may speak HTTP/2.
  package static let usualReservedBytes = 16 << 10

  private let bytesMax: Int
  private let reservedBytes: Int
  /// Bytes of memory that are taken now.
  package private(set) var bytesTaken = 0

  /// Room for `bytesMax` bytes, and for `reservedBytes` of each connection whatever the others take.
  package init(bytesMax: Int = HeaderRoom.usualBytesMax, reservedBytes: Int = HeaderRoom.usualReservedBytes) {
    self.bytesMax = bytesMax
    self.reservedBytes = reservedBytes
  }

  /// Takes `bytes` for a connection that has `held` already.
  /// - Returns: false, and nothing is taken, when there is not so much left.
  func take(_ bytes: Int, held: Int) -> Bool {
    guard held + bytes <= reservedBytes || bytes <= bytesMax - bytesTaken else { return false }
    bytesTaken += bytes
    return true
  }

  func giveBack(_ bytes: Int) { bytesTaken -= bytes }
}
