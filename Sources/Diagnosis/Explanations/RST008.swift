extension Explanation {
  static let rst008 = Explanation(
    id: "RST008", name: "The agent's name does not resolve",
    lines: [
      "[Errno -2] Name or service not known",
      "[Errno -3] Temporary failure in name resolution",
      "[Errno 8] nodename nor servname provided, or not known",
      "getaddrinfo ENOTFOUND agent",
      "getaddrinfo EAI_AGAIN agent",
      "dial tcp: lookup agent: no such host",
      "java.net.UnknownHostException: agent",
      "cURL error 6: Could not resolve host: agent",
    ],
    text: """
      The host in the tracer's setting is not a name that its network knows. In Compose a service's name is known \
      only to containers that share a network with it; in Kubernetes a service of another namespace is \
      `service.namespace`; outside of both, neither exists.

      EAI_NONAME means that the name servers answered "unknown"; EAI_AGAIN that none answered, which in a \
      container without network or with a wrong resolv.conf looks the same every time.
      """)
}
