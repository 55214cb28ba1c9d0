extension Explanation {
  static let rst017 = Explanation(
    id: "RST017", name: "A socket-activated agent is not running yet",
    signs: [
      "\"trace-agent is not running\" in the status of Datadog's agent",
      "\"Not running or unreachable on localhost:8126\" there",
    ],
    text: """
      Since version 7.80 packages of the Datadog agent start their trace agent when the first data comes: until \
      then systemd or a small loader listens in its place, and status pages call the trace agent "not running". \
      Nothing is wrong with that.

      Ask it something and look again.
      """)
}
