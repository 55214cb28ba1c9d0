extension Explanation {
  static let rst026 = Explanation(
    id: "RST026", name: "The socket's path is too long",
    lines: [
      "OSError: AF_UNIX path too long",
      "path must be shorter than SUN_LEN",
      "ArgumentError: too long unix socket path (120bytes given but 108bytes max)",
      "dial unix /srv/a-very-long-path/datadog/apm.socket: connect: invalid argument",
    ],
    text: """
      A unix socket's address has room for 107 bytes of path on Linux and for 103 on macOS. No program can listen \
      on or connect to a longer one by its full path.

      Choose a shorter path.
      """)
}
