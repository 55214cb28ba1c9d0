import CMicroHTTPD

// The body while it arrives. What buffers take up is counted over all workers, for many clients at once could each hold
// almost a whole body for as long as a request may take.
extension Worker {
  /// A declared body up to this may come in one piece, which needs no buffer.
  private static let onePieceBytesMax = 32_768

  /// Sets aside what a body of known length will need, or has the connection wait for that before any of it is read.
  func reserve(_ connection: Connection, _ mhd: OpaquePointer) -> MHD_Result {
    guard let declared = connection.declaredLength, declared > Self.onePieceBytesMax else { return .YES }
    let bytes = BodyBuffer.rounded(declared, atMost: maxPayloadBytes)
    return admit(bytes, total: bytes, connection) ?? refuse(connection, mhd, .memoryLimit, beforeBody: true)
  }

  /// Adds bytes to the connection's body. Those that there is no room for now stay where they are, and come again.
  func keep(_ bytes: UnsafeRawBufferPointer, of connection: Connection, _ mhd: OpaquePointer) -> MHD_Result {
    if connection.box == nil { connection.box = buffers.acquire(declaredLength: connection.declaredLength) }
    guard let box = connection.box else { return refuse(connection, mhd, .memoryLimit, beforeBody: false) }
    let needed = box.buffer.capacity + box.buffer.growth(toAppend: bytes.count)
    if needed > connection.reservation.bytes {
      let more = needed - connection.reservation.bytes
      guard let admitted = admit(more, total: needed, connection) else {
        return refuse(connection, mhd, .memoryLimit, beforeBody: false)
      }
      if connection.step == .capacity {
        connection.receivedBytes -= bytes.count
        return admitted
      }
    }
    return box.buffer.append(bytes) ? .YES : refuse(connection, mhd, .memoryLimit, beforeBody: false)
  }

  /// `nil` when there is neither room nor a place to wait for it.
  private func admit(_ bytes: Int, total: Int, _ connection: Connection) -> MHD_Result? {
    switch state.bodies.admit(bytes, total: total, for: connection) {
    case .granted: return .YES
    case .refused: return nil
    case .waiting(let wait):
      connection.capacityWait = wait
      connection.step = .capacity
      connection.enter(.waiting)
      return .YES
    }
  }

  /// The wait for room has an outcome: called with the bytes that came before it, or with none when none were read.
  func endWait(_ connection: Connection, _ mhd: OpaquePointer, _ bytes: UnsafeRawBufferPointer) -> MHD_Result {
    guard let wait = connection.capacityWait else { return .NO }
    connection.capacityWait = nil
    connection.step = .body
    // Its time to send begins now: until here it was the agent that let it wait.
    connection.enter(.receiving)
    switch wait.outcome {
    case .granted:
      connection.reservation.add(wait.bytes, isLarge: wait.isLarge)
      return bytes.isEmpty ? .YES : receive(connection, mhd, bytes)
    case .refused: return refuse(connection, mhd, .memoryLimit, beforeBody: bytes.isEmpty)
    case .stopping: return refuse(connection, mhd, .stopping, beforeBody: bytes.isEmpty)
    case .none: return .NO
    }
  }

  func releaseBuffer(of connection: Connection) {
    if let box = connection.box {
      connection.box = nil
      buffers.recycle(box)
    }
    state.bodies.release(connection.reservation)
    connection.reservation = BodyReservation()
  }
}
