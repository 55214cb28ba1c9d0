extension Explanation {
  static let rst061 = Explanation(
    id: "RST061", name: "A tracer says that tracing is off",
    signs: ["DD_TRACE_ENABLED=false in roost info -v", "telemetry comes and no traces"],
    text: """
      A tracer whose tracing is turned off may still report how it is set up, and do other things, such as profiling. roost \
      reads from that telemetry that tracing is off, and by which setting; it was set in the app's environment, in its \
      code, or in a file of the machine that tracers read. No traces of this app come.
      """)
}
