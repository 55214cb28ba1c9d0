extension Explanation {
  static let rst032 = Explanation(
    id: "RST032", name: "The process has no tracer",
    signs: [
      "no traces and no error",
      "no DATADOG TRACER CONFIGURATION line in the app's log",
    ],
    text: """
      The agent can be well and the settings right, and still nothing comes, because no tracer runs in the app: it was \
      started without ddtrace-run, without -javaagent, without --require dd-trace/init, or .NET's profiler variables are \
      missing. The doctor looks at the command line, the variables that load tracers and the libraries that the process \
      has mapped. Programs in Go, C++ and Rust hold their tracer inside themselves; nothing is concluded about them. \
      Releases of ddtrace for Python before 0.38 are Python code alone and leave no sign in the process; nothing is \
      concluded where they may be in use.
      """)
}
