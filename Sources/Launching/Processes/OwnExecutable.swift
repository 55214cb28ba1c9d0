import Platform

/// The program that is running, so that it can start itself again.
package enum OwnExecutable {
  #if canImport(Darwin)
    private static let pathBytesMax = 4_096

    /// Its path, also when it was found in `PATH`; `nil` when the system does not say.
    package static var path: String? {
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: pathBytesMax) { text in
        guard let start = text.baseAddress else { return nil }
        var size = UInt32(pathBytesMax)
        guard _NSGetExecutablePath(start, &size) == 0 else { return nil }
        return String(cString: start)
      }
    }
  #else
    private static let link = "/proc/self/exe"
    /// What the system puts behind the path of a file that is not there any more.
    private static let deletedMark = " (deleted)"

    /// Its path, also when it was found in `PATH`, and where it was when it has been replaced since; `nil` when the system
    /// does not say.
    package static var path: String? {
      guard let path = try? ProcFS().own.link("exe") else { return nil }
      return path.hasSuffix(deletedMark) && access(path, F_OK) != 0 ? String(path.dropLast(deletedMark.count)) : path
    }
  #endif

  /// What starts this very program again, also when another one lies at its path by now or none: a newer one might not
  /// understand what it is told. `nil` when the system does not say.
  package static var launchPath: String? {
    #if canImport(Darwin)
      path
    #else
      guard let path else { return nil }
      var (own, there) = (stat(), stat())
      guard stat(link, &own) == 0 else { return path }
      let isOwn = stat(path, &there) == 0 && there.st_dev == own.st_dev && there.st_ino == own.st_ino
      return isOwn ? path : link
    #endif
  }

  /// The last `count` words that this program was started with, byte for byte: not every argument is text.
  package static func lastArguments(_ count: Int) -> [[UInt8]] {
    let all = Int(CommandLine.argc)
    return (max(0, all - count)..<all).compactMap { index in
      CommandLine.unsafeArgv[index].map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
    }
  }

  /// This process's environment with some variables changed or added, byte for byte, as programs are given it.
  package static func environment(changing changes: [String: String]) -> [[UInt8]] {
    var entries: [[UInt8]] = []
    var entry: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = environ
    while let current = entry, let text = current.pointee {
      let bytes = UnsafeRawBufferPointer(start: text, count: strlen(text))
      let name = String(decoding: bytes.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self)
      if changes[name] == nil { entries.append(Array(bytes)) }
      entry = current.advanced(by: 1)
    }
    return entries + changes.map { Array("\($0.key)=\($0.value)".utf8) }
  }
}
