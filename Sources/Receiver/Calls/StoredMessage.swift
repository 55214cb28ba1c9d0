import GRPC

/// The messages that are arriving on all connections of one thread: lends them buffers, and counts those with the bodies of
/// HTTP/1.1. Belongs to that thread.
final class MessageStores {
  /// What a message gets before it has come: little, because a client may announce many large ones and send none.
  private static let firstBytes = 8_192

  private let bodies: BodyCapacity
  private var buffers: BodyBufferPool
  private let bytesMax: Int

  init(_ bodies: BodyCapacity, bytesMax: Int) {
    self.bodies = bodies
    self.bytesMax = bytesMax
    buffers = BodyBufferPool(bytesMax: bytesMax)
  }

  /// `nil` without room: its client is told at once, and tries again, where one of HTTP/1.1 would wait unread.
  func makeStore(messageBytes: Int) -> StoredMessage? {
    guard let box = buffers.acquire(declaredLength: min(messageBytes, Self.firstBytes)) else { return nil }
    let message = StoredMessage(box, of: self)
    return message.reserve(0) ? message : nil
  }

  fileprivate func take(_ bytes: Int, total: Int, _ reservation: inout BodyReservation) -> Bool {
    bodies.admitAtOnce(bytes, total: total, &reservation)
  }

  fileprivate func giveBack(_ box: BodyBufferBox, _ reservation: BodyReservation) {
    buffers.recycle(box)
    bodies.release(reservation)
  }
}

/// One message: a buffer that grows with what comes, and what is set aside for it.
final class StoredMessage: MessageStore, BodyHolder {
  var box: BodyBufferBox?
  var reservation = BodyReservation()
  private let stores: MessageStores

  fileprivate init(_ box: BodyBufferBox, of stores: MessageStores) {
    self.box = box
    self.stores = stores
  }

  deinit {
    if let box { stores.giveBack(box, reservation) }
  }

  var bytes: UnsafeRawBufferPointer {
    guard let box else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return box.buffer.bytes
  }

  func append(_ piece: UnsafeRawBufferPointer) -> Bool {
    guard let box else { return false }
    return reserve(piece.count) && box.buffer.append(piece)
  }

  /// Sets aside what the buffer takes with so many bytes more.
  fileprivate func reserve(_ more: Int) -> Bool {
    guard let box else { return false }
    let needed = box.buffer.capacity + box.buffer.growth(toAppend: more)
    guard needed > reservation.bytes else { return true }
    return stores.take(needed - reservation.bytes, total: needed, &reservation)
  }
}
