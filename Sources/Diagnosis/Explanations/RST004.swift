extension Explanation {
  static let rst004 = Explanation(
    id: "RST004", name: "An app in another network namespace uses its own localhost",
    lines: [
      "[Errno 111] Connection refused",
      "dial tcp 127.0.0.1:8126: connect: connection refused",
      "connect ECONNREFUSED 127.0.0.1:8126",
    ],
    signs: [
      "an app in a container is refused, while the same works outside"
    ],
    text: """
      A container has a network of its own: its localhost is the container, not the machine. A tracer that is told \
      nothing sends to localhost:8126, finds nobody there and is refused, while the agent waits outside.

      Tell the app the address by which its network reaches the agent: the agent's service name when both are \
      services of one Compose file or cluster, the gateway of its bridge or host.docker.internal when the agent \
      runs on the machine itself. An agent outside must accept connections from the container's network too; by \
      default roost accepts only those of its own machine.
      """)
}
