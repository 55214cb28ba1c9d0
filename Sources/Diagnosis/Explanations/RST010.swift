extension Explanation {
  static let rst010 = Explanation(
    id: "RST010", name: "The address belongs to a container that is gone",
    lines: [
      "[Errno 113] No route to host",
      "[Errno 65] No route to host",
      "connect EHOSTUNREACH 172.18.0.3:8126",
      "dial tcp 172.18.0.3:8126: connect: no route to host",
    ],
    text: """
      The setting holds the private address that a container once had. Engines hand such addresses out anew \
      whenever containers start; now nobody has it, and the question for its hardware address stays without an \
      answer.

      Use the service's name, which follows the container.
      """)
}
