extension Explanation {
  static let rst026 = Explanation(
    id: "RST026", name: "The socket's path is too long",
    symptoms: [
      "AF_UNIX path too long", "path must be less than 108 bytes", "too long unix socket path",
      "connect: invalid argument",
    ],
    text: """
      A unix socket's address has room for 107 bytes of path on Linux and for 103 on macOS. No program can listen \
      on or connect to a longer one by its full path.

      Choose a shorter path.
      """)
}
