extension Explanation {
  static let rst012 = Explanation(
    id: "RST012", name: "Kubernetes: the node's address refuses, because no pod has the host port",
    symptoms: [
      "connect ECONNREFUSED 10.0.3.17:8126, in a pod",
      "dial tcp 10.0.3.17:8126: connect: connection refused, in a pod",
      "hostPort", "status.hostIP",
    ],
    text: """
      The pod gets its node's address in DD_AGENT_HOST, which is right, but on the node nothing listens on the \
      port: the agent's pod declares no hostPort, or the cluster's network plug-in does not carry hostPort out.

      Declare the host port, or give the agent's pod the node's network, or share a unix socket by a hostPath \
      volume.
      """)
}
