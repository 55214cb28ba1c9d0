extension Explanation {
  static let rst056 = Explanation(
    id: "RST056", name: "Settings of the agent have no effect",
    signs: ["unknown key", "unknown variable", "settings have no effect"],
    text: """
      roost reads the configuration of Datadog's trace-agent and does not do all that stands in it. A setting that is \
      known and not obeyed yet, one that means nothing here, and one that nobody knows are listed in the log when the \
      agent starts and in `roost info -v`, each with its place. What is switched off anyway is in effect and not \
      listed.

      Most of them matter little. Those that hide or drop data do: `replace_tags`, `filter_tags_regex` and \
      `ignore_resources`. Without them spans are forwarded as they are after obfuscation. Take what must not leave out \
      of the spans in the app, or do not forward. docs/configuration.md lists every setting.
      """)
}
