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
    /// Its path, also when it was found in `PATH`; `nil` when the system does not say.
    package static var path: String? { try? ProcFS().own.link("exe") }
  #endif

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
