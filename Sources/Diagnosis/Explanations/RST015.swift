extension Explanation {
  static let rst015 = Explanation(
    id: "RST015", name: "A Datadog agent already listens on the port",
    signs: [
      "address already in use, when an agent is started",
      "roost services is empty although the app sends traces",
    ],
    text: """
      A Datadog agent has the port. Tracers that are told nothing send to it, so the traces are not lost: they go \
      where that agent sends them. roost does not see them.

      Give roost another port and point the app there, or stop the Datadog agent first.
      """)
}
