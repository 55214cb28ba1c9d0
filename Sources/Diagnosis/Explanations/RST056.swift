extension Explanation {
  static let rst056 = Explanation(
    id: "RST056", name: "Settings of the agent have no effect",
    signs: ["unknown key", "unknown variable", "settings have no effect"],
    text: """
      roost reads the configuration of Datadog's trace-agent and does not do all that stands in it. A setting that is \
      known and not obeyed yet, one that means nothing here, and one that nobody knows are listed in the log when the \
      agent starts and in `roost info -v`, each with its place. What is switched off anyway is in effect and not \
      listed.

      Most of them matter little. One that is to hide or drop data does, such as a misspelt one: spans are forwarded \
      without it. `roost config check` says what is wrong with a configuration before the agent starts, and \
      docs/configuration.md lists every setting.
      """)
}
