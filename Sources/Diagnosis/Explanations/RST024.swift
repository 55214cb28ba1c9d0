extension Explanation {
  static let rst024 = Explanation(
    id: "RST024", name: "The socket is a datagram socket",
    lines: [
      "[Errno 91] Protocol wrong type for socket",
      "[Errno 41] Protocol wrong type for socket",
      "connect EPROTOTYPE /var/run/datadog/dsd.socket",
      "dial unix /var/run/datadog/dsd.socket: connect: protocol wrong type for socket",
    ],
    text: """
      Traces are sent as HTTP over a stream socket. The one at this path takes datagrams, as StatsD's sockets do, \
      and the system refuses to connect the two.

      Name the trace socket, usually /var/run/datadog/apm.socket.
      """)
}
