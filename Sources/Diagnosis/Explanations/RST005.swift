extension Explanation {
  static let rst005 = Explanation(
    id: "RST005", name: "The agent accepts loopback only, but callers come from outside",
    lines: [
      "connect ECONNREFUSED 172.17.0.1:8126",
      "dial tcp 172.17.0.1:8126: connect: connection refused",
    ],
    signs: [
      "containers are refused, while the same works on the host"
    ],
    text: """
      An agent that listens on 127.0.0.1 is reached by programs of its own network only. Containers and other \
      machines use another address of this machine, and there nobody listens.

      Let the agent listen on all addresses: `roost serve --non-local-traffic`, or DD_APM_NON_LOCAL_TRAFFIC=true, \
      which Datadog's agent reads as well. Whoever reaches the port may then send traces, so do this only where \
      the network is trusted, or name the one address: `roost serve --bind-host ADDRESS`.
      """)
}
