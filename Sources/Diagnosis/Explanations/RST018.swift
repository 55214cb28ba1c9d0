extension Explanation {
  static let rst018 = Explanation(
    id: "RST018", name: "HTTPS is spoken to the plain port",
    symptoms: [
      "[SSL: WRONG_VERSION_NUMBER] wrong version number", "SSL routines:ssl3_get_record:wrong version number",
      "http: server gave HTTP response to HTTPS client", "Unrecognized SSL message, plaintext connection?",
      "ERR_SSL_WRONG_VERSION_NUMBER",
    ],
    text: """
      The tracer was given an https:// address, or a TLS-only port in front was taken for the agent's. Port 8126 \
      speaks plain HTTP: it is meant for the same machine or a trusted network.

      Write http:// in DD_TRACE_AGENT_URL.
      """)
}
