extension Explanation {
  static let rst029 = Explanation(
    id: "RST029", name: "A variable is misspelt or out of date",
    signs: [
      "DD_AGENT_HOSTNAME is set and nothing changes",
      "the tracer keeps using localhost:8126",
    ],
    text: """
      Tracers ignore variables that they do not know, without a word. A name with a slip in it, one from an old guide or \
      one of the agent's own settings therefore does nothing, and the tracer keeps its default: when it was to say where \
      the agent is, traces still go to localhost:8126. Old names that a language's tracer still reads are shown as a \
      note: they work, and a later release will drop them.
      """)
}
