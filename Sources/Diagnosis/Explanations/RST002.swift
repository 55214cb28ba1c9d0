extension Explanation {
  static let rst002 = Explanation(
    id: "RST002", name: "The app tries ::1 first, but the listener is IPv4 only",
    lines: [
      "connect ECONNREFUSED ::1:8126",
      "dial tcp [::1]:8126: connect: connection refused",
    ],
    signs: [
      "localhost is refused, while 127.0.0.1 works"
    ],
    text: """
      `localhost` stands for 127.0.0.1 and for ::1, and the machine's hosts file and resolver decide which comes \
      first. Here it is ::1, but the agent listens on 127.0.0.1 alone. Node before version 20 and other clients \
      that try only the first address are refused; clients that go on to the second connect, some of them only \
      after a pause for every connection.

      Name the address instead of the name, or let the agent listen on both: roost does so unless `bind_host` says \
      otherwise.
      """)
}
