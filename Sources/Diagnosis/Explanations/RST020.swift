extension Explanation {
  static let rst020 = Explanation(
    id: "RST020", name: "Metrics and traces are mixed up: StatsD on the trace port, or traces to dsd.socket",
    lines: [
      "[Errno 91] Protocol wrong type for socket",
      "connect EPROTOTYPE /var/run/datadog/dsd.socket",
    ],
    signs: [
      "400 Bad Request for name:value|c"
    ],
    text: """
      An agent has two doors. Traces go to TCP port 8126 or to the stream socket apm.socket; metrics in StatsD's \
      text go to UDP port 8125 or to the datagram socket dsd.socket. Neither takes what belongs to the other.

      Give each client its own address.
      """)
}
