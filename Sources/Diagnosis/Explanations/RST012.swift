extension Explanation {
  static let rst012 = Explanation(
    id: "RST012", name: "Kubernetes: the node's address refuses, because no pod has the host port",
    lines: [
      "connect ECONNREFUSED 10.0.3.17:8126",
      "dial tcp 10.0.3.17:8126: connect: connection refused",
    ],
    signs: [
      "a pod that has DD_AGENT_HOST from status.hostIP is refused",
      "no hostPort in the agent's DaemonSet",
    ],
    text: """
      The pod gets its node's address in DD_AGENT_HOST, which is right, but on the node nothing listens on the \
      port: the agent's pod declares no hostPort, or the cluster's network plug-in does not carry hostPort out.

      Declare the host port, or give the agent's pod the node's network, or share a unix socket by a hostPath \
      volume.
      """)
}
