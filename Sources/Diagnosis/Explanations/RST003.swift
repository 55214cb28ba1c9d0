extension Explanation {
  static let rst003 = Explanation(
    id: "RST003", name: "The listener is IPv6 only, or two programs share the port number",
    lines: [
      "connect ECONNREFUSED 127.0.0.1:8126"
    ],
    signs: [
      "traces arrive at another program than expected",
      "404 Not Found for /v0.4/traces although the agent runs",
    ],
    text: """
      127.0.0.1 and ::1 are different addresses: a program that listens on one of them leaves the port of the \
      other free for anybody. When two programs have one each, it depends on the client's resolver which of them \
      gets the traces. When only ::1 has a listener, clients that use 127.0.0.1 are refused.

      Stop one of the programs, or let every program and every client name its address.
      """)
}
