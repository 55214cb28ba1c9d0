extension Explanation {
  static let rst057 = Explanation(
    id: "RST057", name: "Payloads are lost on the way in",
    signs: [
      "unexpected_eof", "timeout", "not_durable", "unsupported_media_type", "malformed_request",
    ],
    text: """
      A request with traces did not come whole, took longer than roost waits, broke the rules of HTTP, or held \
      MessagePack where only JSON is taken (/v0.1 and /v0.2). Its traces are lost: tracers do not send them again. A single one is what an app leaves \
      that is killed while it sends. Many point to a proxy or a firewall on the way that cuts connections off or \
      rewrites bodies, to a machine without time for its processes, or to a client written by hand.

      With `local.durability: strict`, `not_durable` counts what roost refused with 503 because it could not be on disk before \
      it is answered: the disk is full, or the folder (`local.spool`) is not the agent's.

      `roost info` counts them by reason, and docs/accounting.md says what each means.
      """)
}
