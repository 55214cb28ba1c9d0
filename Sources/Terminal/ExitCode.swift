/// What the process tells its caller: the values of BSD's sysexits where one fits.
package enum ExitCode: Int32, Sendable {
  case fine = 0
  /// The command ran and what it looked for is wrong: a stage of `send-test` failed.
  case findings = 1
  case usage = 64
  /// A file named on the command line cannot be read.
  case unreadableInput = 66
  /// No agent answers.
  case noAgent = 69
  /// A bug of ours.
  case internalError = 70
  /// A file or socket cannot be created.
  case cannotCreate = 73
  /// It may work later.
  case temporary = 75
  case noPermission = 77
  case badConfiguration = 78
}
