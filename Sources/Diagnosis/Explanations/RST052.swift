extension Explanation {
  static let rst052 = Explanation(
    id: "RST052", name: "The intake cannot be reached, or does not answer",
    signs: [
      "Could not resolve host", "Failed to connect", "the intake refuses connections", "no answer within 10 s",
      "no connection within 5 s", "SSL certificate problem", "CONNECT tunnel failed",
      "has not answered yet, after 4 s (traces); still waiting",
    ],
    text: """
      roost takes traces and shows them, and cannot hand them on: nothing listens at the intake's address, its name is \
      not known, a firewall or a proxy is in between, its certificate is not trusted, or it takes the connection and \
      never answers. What is to be sent waits on disk, bounded in bytes; what does not fit is given up, the oldest \
      first, and counted. Without a folder for that it waits in memory, for at most a quarter of an hour.

      Try the address from the agent's machine, in its container if it has one. Where only a proxy leads out, set \
      DD_PROXY_HTTPS; where an authority of your own has signed the certificate, SSL_CERT_FILE. `roost info` shows \
      since when it fails, what waits and what was lost.
      """)
}
