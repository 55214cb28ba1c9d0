/// Where a value came from.
package enum ConfigurationOrigin: Sendable, Equatable {
  /// Nobody set it: the default is in force.
  case standard
  /// A place in a file; line and column count from 1, nil where only the rest is known.
  case file(path: String, line: Int?, column: Int? = nil)
  /// An environment variable of this name.
  case variable(String)
  /// A flag, with its dashes.
  case flag(String)
}

extension ConfigurationOrigin {
  /// The place of a part of a value: another line of the same file.
  func moved(toLine line: Int?) -> ConfigurationOrigin {
    guard let line, case .file(let path, _, _) = self else { return self }
    return .file(path: path, line: line)
  }
}

extension ConfigurationOrigin: CustomStringConvertible {
  /// `default`, `datadog.yaml:14`, `DD_SITE` or `--port`.
  package var description: String {
    switch self {
    case .standard: "default"
    case .file(let path, let line, let column):
      [path, line.map { "\($0)" }, column.map { "\($0)" }].compactMap { $0 }.joined(separator: ":")
    case .variable(let name), .flag(let name): name
    }
  }
}
