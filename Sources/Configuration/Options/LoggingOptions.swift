extension OptionTable {
  /// Where the agent's log goes, and in which form.
  static let logging: [ConfigurationOption] = [
    ConfigurationOption(
      "log_level", .agent, .logLevel(\.logLevel), variables: ["DD_LOG_LEVEL"], flag: ("--log-level", "LEVEL"),
      summary: "least grave messages that are logged",
      meaning: "`warning` is `warn`; case does not matter."),
    ConfigurationOption(
      "apm_config.log_file", .agent, .optionalText(\.logFile), variables: ["DD_APM_LOG_FILE"],
      defaultNote: "none: standard error",
      summary: "file to log to",
      meaning: """
        The agent runs in the foreground and logs to standard error, for a supervisor to keep, unless a file is named. One \
        that was moved is opened again at SIGHUP and SIGUSR1.
        """),
    ConfigurationOption(
      "log_file_max_size", .agent, .integer(\.logFileBytesMax, 0...Int.max, .bytes),
      variables: ["DD_LOG_FILE_MAX_SIZE"],
      summary: "size from which on the log file is renamed and begun anew; 0 is never",
      meaning: """
        `NAME.1` is the youngest old file; `log_file_max_rolls` says how many are kept. Where logrotate moves the file \
        earlier, nothing is renamed here. A link, such as `/dev/stdout`, and what is no file is never renamed.
        """),
    ConfigurationOption(
      "log_file_max_rolls", .agent, .integer(\.logFileRollsMax, 0...1_000), variables: ["DD_LOG_FILE_MAX_ROLLS"],
      summary: "old log files that are kept; 0 is all",
      meaning: "The oldest one goes when a further file is full; with 0, when there are 10,000."),
    ConfigurationOption(
      "log_format_json", .agent, .boolean(\.logFormatJSON), variables: ["DD_LOG_FORMAT_JSON"],
      summary: "true: each line of the log is a JSON object",
      meaning: "With the members `agent` (always `trace`), `time`, `level` and `msg`, as the Datadog agent names them."),
    ConfigurationOption(
      "log_to_console", .agent, .boolean(\.logsToConsole), variables: ["DD_LOG_TO_CONSOLE"],
      summary: "true: log to standard error too when there is a file",
      meaning: """
        Without a file that is where the log goes in any case. The Datadog agent logs to both unless this is `false`; \
        roost does where it is `true`.
        """),
    ConfigurationOption(
      "log_to_syslog", .agent, .boolean(\.logsToSyslog), variables: ["DD_LOG_TO_SYSLOG"],
      summary: "true: log to syslog too",
      meaning: "Each line is a datagram with the facility `daemon`, to the socket that `syslog_uri` names."),
    ConfigurationOption(
      "syslog_uri", .agent, .optionalText(\.syslogURI), variables: ["DD_SYSLOG_URI"],
      defaultNote: "`unixgram:///dev/log`",
      summary: "where syslog listens",
      meaning: """
        `udp://HOST:PORT` or `unixgram:///PATH`. Others, such as TCP, are reported in the log and not used. A host is looked \
        up at the first line and, where it takes none, every 10 seconds.
        """),
    ConfigurationOption(
      "syslog_rfc", .agent, .boolean(\.syslogIsRFC5424), variables: ["DD_SYSLOG_RFC"],
      summary: "true: lines for syslog are those of RFC 5424",
      meaning: "Otherwise they are as RFC 3164 describes them, with times in UTC."),
    ConfigurationOption(
      "disable_file_logging", .agent, .boolean(\.disableFileLogging), variables: ["DD_DISABLE_FILE_LOGGING"],
      summary: "true: log to standard error whatever log_file says",
      meaning: "As containers of the Datadog agent set it."),
  ]
}
