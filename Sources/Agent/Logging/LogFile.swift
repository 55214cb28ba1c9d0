import Platform

/// A log file that is kept within a size: a full one is renamed to `NAME.1`, the one before to `NAME.2`, and so on.
struct LogFile: Sendable {
  /// Names that are looked at where old files are kept without limit.
  private static let rollsLookedAt = 10_000

  let path: String
  /// Size in bytes from which on a file is full; 0 is no limit.
  let bytesMax: Int
  /// How many old files are kept; 0 is no limit, as in the Datadog agent.
  let rollsMax: Int

  /// A descriptor that adds to the file, which is made where it is missing; below 0, with `errno`, when that cannot be.
  func open() -> Int32 { systemOpen(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640) }

  /// What to write to from now on, when the file that `descriptor` is of is full and was renamed, or is not the one of that
  /// name any more; `nil` to go on.
  func next(after descriptor: Int32) -> Int32? {
    guard bytesMax > 0 else { return nil }
    var written = stat()
    guard fstat(descriptor, &written) == 0, Int(written.st_size) >= bytesMax else { return nil }
    // Another program may have moved it; then a new one of that name is what to write to.
    guard !isNamed(written) || (isNameOfFile && roll()) else { return nil }
    let file = open()
    return file >= 0 ? file : nil
  }

  private func isNamed(_ written: stat) -> Bool {
    var named = stat()
    return stat(path, &named) == 0 && named.st_ino == written.st_ino && named.st_dev == written.st_dev
  }

  /// False for a link, such as `/dev/stdout`: renaming it would take it from everybody else, and leave the file as full.
  private var isNameOfFile: Bool {
    var named = stat()
    return lstat(path, &named) == 0 && named.st_mode & S_IFMT == S_IFREG
  }

  private func roll() -> Bool {
    let oldest = rollsMax > 0 ? rollsMax : firstFree
    for number in stride(from: oldest - 1, through: 1, by: -1) { _ = rename(rolled(number), rolled(number + 1)) }
    return rename(path, rolled(1)) == 0
  }

  /// The first number of which there is no file.
  private var firstFree: Int {
    (1..<Self.rollsLookedAt).first { access(rolled($0), F_OK) != 0 } ?? Self.rollsLookedAt
  }

  private func rolled(_ number: Int) -> String { "\(path).\(number)" }
}

private func systemOpen(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 { open(path, flags, mode) }
