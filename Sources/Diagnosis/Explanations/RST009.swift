extension Explanation {
  static let rst009 = Explanation(
    id: "RST009", name: "host.docker.internal is not known on Linux",
    lines: [
      "getaddrinfo ENOTFOUND host.docker.internal",
      "dial tcp: lookup host.docker.internal: no such host",
      "java.net.UnknownHostException: host.docker.internal",
    ],
    text: """
      Docker Desktop on macOS and Windows gives every container the name host.docker.internal for the machine. The \
      engine on Linux does not, unless the container is started with it.
      """)
}
