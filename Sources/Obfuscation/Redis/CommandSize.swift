/// What a tracer says of how much a text of Redis commands holds. It tells values with blanks and line ends in them from
/// several values and commands.
package enum CommandSize: Equatable, Sendable {
  /// The tracer says nothing of it.
  case unknown
  /// One command of so many words; some tracers do not count its name.
  case words(Int)
  /// So many commands, each beginning a line.
  case commands(Int)
}
