/// What the process reports to its caller: the values of BSD's sysexits where one fits, and any other for `roost run`, which
/// passes on the code of the command.
package struct ExitCode: RawRepresentable, Sendable, Equatable {
  /// The number that the process exits with, from 0 to 255.
  package let rawValue: Int32

  /// Takes the number that the process is to exit with; it is not checked.
  package init(rawValue: Int32) { self.rawValue = rawValue }

  /// The command did its work, and the doctor found no problem.
  package static let fine = ExitCode(rawValue: 0)
  /// The command ran and what it looked for is wrong: a stage of `send-test` failed, the doctor found a problem.
  package static let findings = ExitCode(rawValue: 1)
  /// The doctor found warnings and was told to be strict.
  package static let warnings = ExitCode(rawValue: 2)
  /// What was typed makes no sense.
  package static let usage = ExitCode(rawValue: 64)
  /// A file named on the command line cannot be read.
  package static let unreadableInput = ExitCode(rawValue: 66)
  /// No agent answers, or the one that does will not talk to this command.
  package static let noAgent = ExitCode(rawValue: 69)
  /// A fault in roost itself, not in what was typed.
  package static let internalError = ExitCode(rawValue: 70)
  /// A library that the command needs is not installed.
  package static let noLibrary = ExitCode(rawValue: 72)
  /// A file or socket cannot be created.
  package static let cannotCreate = ExitCode(rawValue: 73)
  /// What was to be printed could not be written.
  package static let outputFailed = ExitCode(rawValue: 74)
  /// The agent did not start or answer in time; a later attempt may succeed.
  package static let temporary = ExitCode(rawValue: 75)
  /// Something belongs to another user.
  package static let noPermission = ExitCode(rawValue: 77)
  /// The agent does not start with these settings.
  package static let badConfiguration = ExitCode(rawValue: 78)
  /// The command of `roost run` is there and cannot be started, as shells report it.
  package static let cannotStart = ExitCode(rawValue: 126)
  /// There is no such command, as shells report it.
  package static let noCommand = ExitCode(rawValue: 127)

  /// Every code of roost's own with what it means, in order; the manual page lists them.
  package static let meanings: [(code: ExitCode, meaning: String)] = [
    (fine, "All is well."),
    (
      findings,
      "The command ran, and what it looked for is wrong or not there: send-test failed, the doctor found a problem, no "
        + "such service is known."
    ),
    (warnings, "The doctor found warnings, and --strict was typed."),
    (usage, "What was typed makes no sense."),
    (unreadableInput, "A file named on the command line cannot be read."),
    (noAgent, "No agent answers."),
    (internalError, "A bug of roost's own."),
    (noLibrary, "A library that the command needs is not installed: ncurses for roost top."),
    (cannotCreate, "A file or socket cannot be created: another agent has the port, for example."),
    (outputFailed, "What was to be printed cannot be written: the disk is full, for example."),
    (temporary, "It may work later: the agent did not answer in time, or has too much to do."),
    (noPermission, "Something belongs to another user."),
    (badConfiguration, "The agent does not start with these settings."),
    (cannotStart, "The command of roost run cannot be started; one that was gives its own code."),
    (noCommand, "There is no such command for roost run."),
  ]
}
