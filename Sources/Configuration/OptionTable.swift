/// The one table of options. Reading, checking, `roost serve --help` and `docs/configuration.md` all come from it: a new
/// option is a field in `AgentConfiguration` and a row here.
package enum OptionTable {
  /// Every row, in the order of the documentation.
  package static var options: [ConfigurationOption] {
    general + secrets + receiver + otlp + processing + obfuscation + sampling + statistics + forwarding + products
      + logging
      + agent
  }

  /// The flags of `roost serve` that set an option, for a command line to parse.
  package static var flags: [ConfigurationOption] { options.filter { $0.flag != nil } }
}
