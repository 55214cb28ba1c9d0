import Diagnosis
import Platform

/// A log file, or standard input, read once from its beginning.
package enum LogFile {
  private static let pieceBytes = 256 * 1024

  /// Why a log could not be read.
  package struct Failure: Error, Sendable, Equatable {
    /// The path as it was given, or `-` for standard input.
    package let path: String
    /// The system's error number, such as `ENOENT`.
    package let code: Int32
    /// Its text, such as `No such file or directory`.
    package let reason: String
  }

  /// Reads the file at `path`, or standard input for `-`. `agents` are places of agents that are known from elsewhere.
  package static func read(_ path: String, agents: [Place] = []) throws(Failure) -> LogReading {
    let descriptor = path == "-" ? 0 : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path) }
    defer { if descriptor != 0 { close(descriptor) } }
    var reader = LogReader(agents: agents)
    var total = 0
    var piece = [UInt8](repeating: 0, count: pieceBytes)
    while total < LogReading.bytesMax {
      let count = piece.withUnsafeMutableBytes { systemRead(descriptor, $0.baseAddress, $0.count) }
      if count == 0 { return reader.finish() }
      if count < 0 {
        if errno == EINTR { continue }
        throw failure(path)
      }
      total += count
      reader.read(Array(piece[..<count]))
    }
    var reading = reader.finish()
    reading.isCut = true
    return reading
  }

  private static func failure(_ path: String) -> Failure {
    let code = errno
    return Failure(path: path, code: code, reason: strerror(code).map { String(cString: $0) } ?? "error \(code)")
  }
}

/// The system's `read`, under a name that the method above does not hide.
private func systemRead(_ descriptor: CInt, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(descriptor, bytes, count)
}
