extension Explanation {
  static let rst034 = Explanation(
    id: "RST034", name: "A program ends before its traces are sent",
    signs: [
      "no traces from a script, a cron job or a Lambda",
      "the last traces of a program are missing",
    ],
    text: """
      Tracers gather traces for a second or more and send them together. A program that ends before that takes them \
      along: the agent saw its tracer ask what the agent can do, and then nothing more. Tracers send what is left when a \
      program ends in the ordinary way; they cannot when it is killed, ends by os._exit or process.exit, or is frozen as \
      in a Lambda. Let the program end by itself, or ask the tracer to send before it ends.
      """)
}
