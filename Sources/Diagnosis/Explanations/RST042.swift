extension Explanation {
  static let rst042 = Explanation(
    id: "RST042", name: "The clocks of app and agent disagree",
    signs: [
      "traces appear hours ago or in the future",
      "\"skipping trace with root too far in past\" in the log of an agent",
    ],
    text: """
      Spans carry the time of the app's clock. When start and end of a client's spans both lie off by the same amount \
      from the time at which they arrive, its clock is wrong (a virtual machine that slept, a container host without \
      time synchronisation, a time zone added by hand), or the agent's is. roost puts the statistics of such spans into \
      the nearest open interval and keeps the times of the spans as they are. A start that is off alone is a long span \
      and no fault.
      """)
}
