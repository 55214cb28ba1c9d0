extension Explanation {
  static let rst054 = Explanation(
    id: "RST054", name: "The intake refuses payloads for good",
    signs: [
      "HTTP 413", "HTTP 404", "HTTP 400", "intake_rejected_413",
      "refused 1 payload with HTTP 413; they are not sent again",
    ],
    text: """
      The intake has answered that it will not take these payloads, so that sending them again would not help: they \
      are lost, and counted by status in `roost info`. 413 means that a single trace is too large, usually for a \
      proxy before the intake: payloads of several are sent again in parts. 404 and \
      405 mean that something else than an intake answers at this address, or that the setting holds a path: \
      /api/v0.2/traces is appended to it. 400 and 415 may mean that the intake does not know zstd.

      401 and 403 are about the key: RST047.
      """)
}
