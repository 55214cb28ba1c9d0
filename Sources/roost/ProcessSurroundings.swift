import Platform
import Terminal

/// What the process was started with and writes to.
enum ProcessSurroundings {
  /// All variables; of a name that comes twice the first counts, as for `getenv`.
  static var environment: [String: String] {
    var variables: [String: String] = [:]
    var entry: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = environ
    while let current = entry, let text = current.pointee {
      let pair = String(cString: text)
      if let equals = pair.firstIndex(of: "=") {
        let name = String(pair[..<equals])
        if variables[name] == nil { variables[name] = String(pair[pair.index(after: equals)...]) }
      }
      entry = current.advanced(by: 1)
    }
    return variables
  }

  static var isOutputTerminal: Bool { isTerminal(STDOUT_FILENO) }

  static func isTerminal(_ descriptor: CInt) -> Bool { isatty(descriptor) == 1 }

  /// Columns of the terminal behind standard output; `nil` when that is a pipe or a file.
  static var outputWidth: Int? { width(of: STDOUT_FILENO) }

  static func width(of descriptor: CInt) -> Int? { size(of: descriptor).map { Int($0.ws_col) } }

  /// Lines of the terminal behind standard output; `nil` when that is a pipe or a file.
  static var outputHeight: Int? { size(of: STDOUT_FILENO).flatMap { $0.ws_row > 0 ? Int($0.ws_row) : nil } }

  /// Columns as `COLUMNS` says: for a pipe whose reader has a width, as that of watch(1); `nil` when it says nothing.
  static func width(_ environment: [String: String]) -> Int? {
    guard let columns = environment["COLUMNS"].flatMap({ Int($0) }), columns > 0 else { return nil }
    return min(max(columns, GlobalOptions.widths.lowerBound), GlobalOptions.widths.upperBound)
  }

  private static func size(of descriptor: CInt) -> winsize? {
    var size = winsize()
    guard isTerminal(descriptor), ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return size
  }

  static var userID: UInt32 { geteuid() }

  static var processID: Int32 { getpid() }

  /// Whether the agent may listen beyond loopback by default. The Datadog agent's images say so with this variable, and
  /// only it is asked, as that agent does: a shell in a development container is no reason to open the port.
  static var isContainerized: Bool { environment["DOCKER_DD_AGENT"].map { !$0.isEmpty } ?? false }
}
