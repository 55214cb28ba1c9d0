/// The value of `--color`; `auto` goes by the environment and the terminal.
package enum ColorChoice: String, Sendable, CaseIterable {
  case auto, always, never

  /// Whether to colour: the flag decides, then `NO_COLOR`, `CLICOLOR_FORCE`, `TERM=dumb`, and last whether the output is
  /// a terminal. As <https://no-color.org> asks, only a value that is not empty counts.
  package func isColored(environment: [String: String], isTerminal: Bool) -> Bool {
    switch self {
    case .always: return true
    case .never: return false
    case .auto: break
    }
    if let value = environment["NO_COLOR"], !value.isEmpty { return false }
    if let forced = environment["CLICOLOR_FORCE"], !forced.isEmpty, forced != "0" { return true }
    return isTerminal && environment["TERM"] != "dumb"
  }
}
