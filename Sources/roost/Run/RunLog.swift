import Platform
import Terminal

/// The log file of an agent that a run started.
struct RunLog {
  let path: String
  let descriptor: Int32

  /// A run has more than one log only when its agent ended before it.
  private static let attempts = 20
  /// Of the end of the file that is looked at.
  private static let tailBytes = 8_192

  /// Where temporary files go: first where they should, then where they usually can.
  static var folders: [String] {
    let set = ProcessSurroundings.environment["TMPDIR"] ?? ""
    return set.hasPrefix("/") && set != "/tmp" ? [set, "/tmp"] : ["/tmp"]
  }

  /// A new file that only this user can read; `nil` when none can be made in any of the folders.
  init?() {
    for folder in Self.folders {
      if let log = RunLog(in: folder) {
        self = log
        return
      }
    }
    return nil
  }

  private init?(in folder: String) {
    for attempt in 0..<Self.attempts {
      let suffix = attempt == 0 ? "" : "-\(attempt)"
      let path = "\(folder)/roost-run-\(getpid())\(suffix).log"
      let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_APPEND | O_CLOEXEC, 0o600)
      if file >= 0 {
        self.path = path
        descriptor = file
        return
      }
      guard errno == EEXIST else { return nil }
    }
    return nil
  }

  /// The last line in which the program says what went wrong, without its name.
  var lastWords: String? {
    let size = lseek(descriptor, 0, SEEK_END)
    guard size > 0 else { return nil }
    var text = [UInt8](repeating: 0, count: min(Int(size), Self.tailBytes))
    let count = pread(descriptor, &text, text.count, size - off_t(text.count))
    guard count > 0 else { return nil }
    let lines = String(decoding: text[..<count], as: UTF8.self).split(separator: "\n")
    return lines.last { $0.hasPrefix("roost: ") }.map { safeText(String($0.dropFirst("roost: ".count))) }
  }

  /// Leaves the file to the user.
  func keep() { close(descriptor) }

  func remove() {
    close(descriptor)
    unlink(path)
  }
}
