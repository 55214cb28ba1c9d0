extension Explanation {
  static let rst013 = Explanation(
    id: "RST013", name: "The variable is set, but not in the process",
    signs: [
      "DD_AGENT_HOST is set in the manifest, but traces go to localhost",
      "nginx ignores DD_AGENT_HOST",
      "DD_SERVICE is not applied",
      "sudo drops DD_ variables",
    ],
    text: """
      A process sees only the variables that its parent hands on. nginx hands none to its workers unless its \
      configuration names them; sudo drops them unless told to keep them; systemd and cron start with an empty set \
      of their own. So a variable may be set in the manifest or in the shell and never reach the tracer.

      Name the variable where the chain breaks.
      """)
}
