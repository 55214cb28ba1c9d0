extension Explanation {
  static let rst060 = Explanation(
    id: "RST060", name: "A tracer could not instrument a library",
    signs: ["failed to enable ddtrace support", "spans of one library are missing"],
    text: """
      Tracers report what they instrument and what they could not, and settings that they did not take as written; roost \
      reads that from their telemetry. A tracer knows certain versions of each library: with another one it leaves the \
      library alone, so that its calls make no spans, and the app runs on as if it were not there. A setting that is not \
      understood has its usual value instead.

      roost info -v lists what each tracer instruments, with the versions that it found, and the settings that it took.
      """)
}
