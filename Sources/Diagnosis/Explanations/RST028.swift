extension Explanation {
  static let rst028 = Explanation(
    id: "RST028", name: "The agent's address is malformed",
    lines: [
      "ValueError: Unsupported protocol 'localhost' in intake URL 'localhost:8126'. Must be one of: http, https, unix",
      "ValueError: Invalid hostname in intake URL 'http://'",
      "TypeError [ERR_INVALID_URL]: Invalid URL",
      "Invalid URI scheme 'unix' for DD_TRACE_AGENT_URL environment variable",
      "Post \"localhost:8126/v0.4/traces\": unsupported protocol scheme \"localhost\"",
      "Post \"http:///v0.4/traces\": http: no Host in request URL",
      "URI::InvalidURIError: bad URI(is not URI?): \"$(HOST_IP):8126\"",
    ],
    text: """
      The variable that names the agent holds something that is no address: no scheme (`localhost:8126`), an IPv6 address \
      without its brackets, quotation marks or spaces that came along from a file, a port that is no number, the path of \
      an endpoint at the end, or a placeholder such as `$(HOST_IP)` that nobody replaced. Tracers differ in what they do \
      then: some stop with an error, some go back to localhost:8126 in silence, some connect to a host that does not \
      exist. Write the address in full: http://HOST:8126, http://[2001:db8::1]:8126 or unix:///PATH.
      """)
}
