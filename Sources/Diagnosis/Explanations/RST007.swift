extension Explanation {
  static let rst007 = Explanation(
    id: "RST007", name: "The agent's port is not published",
    signs: [
      "programs on the host are refused while the agent's container runs",
      "the agent's container is healthy and cannot be reached",
    ],
    text: """
      An agent listens in a container, but no port of this machine leads there. Inside the container all looks \
      well; from the machine, localhost refuses.

      Publish the port when the container is started. With 127.0.0.1 before it only this machine reaches it; \
      without, every machine that reaches this one.
      """)
}
