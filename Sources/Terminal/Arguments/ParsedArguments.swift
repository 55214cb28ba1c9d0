/// What was typed, matched with the model.
package struct ParsedArguments: Sendable, Equatable {
  /// The command's name; `nil` when only options were typed.
  package var command: String?
  /// Values by option name in the order typed; an option without value has one empty text each time.
  package var options: [String: [String]] = [:]
  /// Words by place, behind the command's name.
  package var arguments: [String] = []
  /// `-h` or `--help` was typed somewhere.
  package var asksForHelp = false

  /// Nothing typed but, perhaps, a command.
  package init(command: String? = nil) { self.command = command }

  /// Whether the option was typed.
  package func has(_ option: String) -> Bool { options[option] != nil }

  /// The last value typed wins.
  package func value(_ option: String) -> String? { options[option]?.last }
}

/// What was typed makes no sense; exit code 64.
package struct UsageError: Error, Sendable, Equatable, CustomStringConvertible {
  /// One sentence, without a final stop.
  package var message: String
  /// Whose help to point at; `nil` for the program's.
  package var command: String?

  /// A mistake, and whose help would have prevented it.
  package init(_ message: String, command: String? = nil) {
    self.message = message
    self.command = command
  }

  /// The message alone, without the command.
  package var description: String { message }
}
