/// Keeps the bytes of one message while it arrives; what it holds goes with its last reference.
package protocol MessageStore: AnyObject {
  /// Adds a piece. No more is added in all than was announced when the store was asked for.
  /// - Returns: false, and the message is refused, when there is no room for it.
  func append(_ piece: UnsafeRawBufferPointer) -> Bool

  /// All that was added; valid until the next `append`.
  var bytes: UnsafeRawBufferPointer { get }
}
