extension OptionExample {
  static let secrets = [
    row("secret_backend_command", "/usr/local/bin/secrets", standard: "none"),
    row("secret_backend_arguments", "--vault main", shown: "--vault, main", standard: "none"),
    row(
      "secret_backend_timeout", "5", standard: "30", refused: ("4000", "4000 is out of range (1 to 3600 seconds)")),
    row(
      "secret_backend_output_max_size", "64kB", shown: "64000", standard: "1048576",
      refused: ("0", "0 is out of range (1 to 67108864)")),
    row(
      "secret_backend_remove_trailing_line_break", "true", standard: "false",
      refused: ("maybe", "\"maybe\" is not true or false")),
    row(
      "secret_backend_command_allow_group_exec_perm", "true", standard: "false",
      refused: ("maybe", "\"maybe\" is not true or false")),
    row(
      "secret_refresh_interval", "3600", standard: "0", refused: ("-1", "-1 is out of range (0 to 31536000 seconds)")),
    row(
      "secret_refresh_on_api_key_failure_interval", "30", standard: "10",
      refused: ("-1", "-1 is out of range (0 to 525600 minutes)")),
  ]
}
