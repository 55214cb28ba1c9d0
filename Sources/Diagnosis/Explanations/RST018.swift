extension Explanation {
  static let rst018 = Explanation(
    id: "RST018", name: "HTTPS is spoken to the plain port",
    lines: [
      "ssl.SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1000)",
      "write EPROTO 140:error:1408F10B:SSL routines:ssl3_get_record:wrong version number",
      "Post \"https://localhost:8126/v0.4/traces\": http: server gave HTTP response to HTTPS client",
      "javax.net.ssl.SSLException: Unrecognized SSL message, plaintext connection?",
    ],
    text: """
      The tracer was given an https:// address, or a TLS-only port in front was taken for the agent's. Port 8126 \
      speaks plain HTTP: it is meant for the same machine or a trusted network.

      Write http:// in DD_TRACE_AGENT_URL.
      """)
}
