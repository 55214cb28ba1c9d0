extension Explanation {
  static let rst011 = Explanation(
    id: "RST011", name: "Packets vanish: a firewall or a network policy",
    lines: [
      "[Errno 110] Connection timed out",
      "[Errno 60] Operation timed out",
      "connect ETIMEDOUT 10.2.0.7:8126",
      "dial tcp 10.2.0.7:8126: i/o timeout",
      "java.net.SocketTimeoutException: connect timed out",
      "Post \"http://10.2.0.7:8126/v0.4/traces\": context deadline exceeded",
    ],
    text: """
      There is a route to the address, but what is sent there gets no answer at all, not even a refusal. \
      Firewalls, security groups and Kubernetes network policies drop packets this way; a machine that is switched \
      off looks alike.

      Allow TCP to the agent's port from where the app runs, in both the app's outgoing and the agent's incoming \
      rules.
      """)
}
