import Platform

/// The log file of an agent that a run started.
package struct AgentLog: Sendable, Equatable {
  /// What becomes of the file when its agent has ended.
  package enum Disposal: Sendable, Equatable {
    /// It is left to the user, to whom it was reported.
    case keep
    case remove
    /// Kept only when the agent did not end with code 0.
    case removeIfEndedWell
  }

  let path: String
  /// Open for reading and appending.
  let descriptor: Int32

  /// Names that are tried: logs that were kept are there as long as nobody removes them.
  private static let attempts = 20
  /// Of the end of the file that is looked at.
  private static let tailBytes = 8_192
  /// What the program puts before what went wrong.
  private static let prefix = "roost: "

  /// A file that is there and open.
  init(path: String, descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  /// A new file that only this user can read; `nil` when none can be made in any of the folders.
  init?(in folders: [String]) {
    for folder in folders {
      if let log = AgentLog(in: folder) {
        self = log
        return
      }
    }
    return nil
  }

  private init?(in folder: String) {
    for attempt in 0..<Self.attempts {
      let suffix = attempt == 0 ? "" : "-" + String(UInt32.random(in: 0 ... .max), radix: 16)
      let path = "\(folder)/roost-run-\(getpid())\(suffix).log"
      let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_APPEND | O_CLOEXEC, 0o600)
      if file >= 0 {
        self.init(path: path, descriptor: file)
        return
      }
      guard errno == EEXIST else { return nil }
    }
    return nil
  }

  /// Where temporary files go: first where `TMPDIR` says, then where they usually can.
  static func folders(_ environment: [String: String]) -> [String] {
    let set = environment["TMPDIR"] ?? ""
    return set.hasPrefix("/") && set != "/tmp" ? [set, "/tmp"] : ["/tmp"]
  }

  /// The last line in which the program says what went wrong, without its name.
  var lastWords: String? {
    let size = lseek(descriptor, 0, SEEK_END)
    guard size > 0 else { return nil }
    var text = [UInt8](repeating: 0, count: min(Int(size), Self.tailBytes))
    let count = pread(descriptor, &text, text.count, size - off_t(text.count))
    guard count > 0 else { return nil }
    let lines = String(decoding: text[..<count], as: UTF8.self).split(separator: "\n")
    return lines.last { $0.hasPrefix(Self.prefix) }.map { String($0.dropFirst(Self.prefix.count)) }
  }

  /// Closes the file, and removes it unless it is to be kept.
  /// - Parameter endedWell: whether the agent ended with code 0.
  func dispose(_ disposal: Disposal, endedWell: Bool = false) {
    close(descriptor)
    if disposal == .remove || (disposal == .removeIfEndedWell && endedWell) { unlink(path) }
  }
}
