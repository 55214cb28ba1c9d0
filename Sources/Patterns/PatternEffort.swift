/// How many steps a pattern may take for a text.
package enum PatternEffort: Sendable {
  /// Enough for whatever people write, as long as the request has steps left.
  case usual
  /// So few that a request need not count them: about one a byte. For rules that were given up.
  case little
}
