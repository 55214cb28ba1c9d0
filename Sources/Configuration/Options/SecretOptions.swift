extension OptionTable {
  /// Where secrets are kept that are not to stand in a file.
  static let secrets: [ConfigurationOption] = [
    ConfigurationOption(
      "secret_backend_command", .general, .optionalText(\.secrets.command), variables: ["DD_SECRET_BACKEND_COMMAND"],
      defaultNote: "none",
      summary: "program that is asked for what ENC[…] stands for",
      meaning: """
        Any value may be written as `ENC[handle]`, also one in a list, or a text in the JSON of a variable. The program gets \
        `{"version": "1.0", "secrets": ["handle"]}` on its standard input and answers with \
        `{"handle": {"value": "secret", "error": null}}`, as for the Datadog agent. It has to belong to the agent's user, \
        who may execute it; nobody else may do anything with it. It is run at the start and for `roost config check` and \
        `show`, not for other commands. A secret that cannot be had is an error. No secret is logged, or shown by \
        `roost config`; what a secret is the text of, such as a rule or an environment, shows where that does.
        """),
    ConfigurationOption(
      "secret_backend_arguments", .general, .list(\.secrets.arguments, .spaces),
      variables: ["DD_SECRET_BACKEND_ARGUMENTS"],
      summary: "arguments for that program",
      meaning: "Other users of the machine may see them, so that no secret belongs here."),
    ConfigurationOption(
      "secret_backend_timeout", .general, .duration(\.secrets.timeout, .seconds(1...3600)),
      variables: ["DD_SECRET_BACKEND_TIMEOUT"],
      summary: "seconds for one answer of that program",
      meaning: "Past it the program is ended, and the agent does not start, or goes on with the secrets that it has."),
    ConfigurationOption(
      "secret_backend_output_max_size", .general, .integer(\.secrets.outputBytesMax, 1...(64 << 20), .bytes),
      variables: ["DD_SECRET_BACKEND_OUTPUT_MAX_SIZE"],
      summary: "longest answer of that program",
      meaning: "A longer one is refused."),
    ConfigurationOption(
      "secret_backend_remove_trailing_line_break", .general, .boolean(\.secrets.removesTrailingLineBreak),
      variables: ["DD_SECRET_BACKEND_REMOVE_TRAILING_LINE_BREAK"],
      summary: "line breaks at the end of a secret are no part of it",
      meaning: "For programs that print a file as it is."),
    ConfigurationOption(
      "secret_backend_command_allow_group_exec_perm", .general, .boolean(\.secrets.allowsGroup),
      variables: ["DD_SECRET_BACKEND_COMMAND_ALLOW_GROUP_EXEC_PERM"],
      summary: "the group of that program may read and execute it too",
      meaning: "Then it may belong to another user, if the agent is in its group. Others may still do nothing with it."),
    ConfigurationOption(
      "secret_refresh_interval", .general, .duration(\.secrets.refreshInterval, .seconds(0...31_536_000)),
      variables: ["DD_SECRET_REFRESH_INTERVAL"],
      summary: "seconds after which secrets are asked for anew; 0 is never",
      meaning: "What has changed holds from then on, as far as it does after SIGHUP: API keys do."),
    ConfigurationOption(
      "secret_refresh_on_api_key_failure_interval", .general,
      .duration(\.secrets.keyFailureInterval, .minutes(0...525_600)),
      variables: ["DD_SECRET_REFRESH_ON_API_KEY_FAILURE_INTERVAL"],
      summary: "minutes between askings when the key is refused; 0 is never",
      meaning: """
        An intake that answers 401 or 403 does not know the key: where that is a secret, it may have been changed. What was \
        refused waits and is sent with the new one. Intakes of other products count too, whose 403 may mean something else. \
        The Datadog agent does this only where it is set.
        """),
  ]
}
