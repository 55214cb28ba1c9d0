extension Explanation {
  static let rst036 = Explanation(
    id: "RST036", name: "A tracer asks for an endpoint that is not served",
    lines: [
      "unsupported endpoint '/v0.5/traces': received response 404 from intake (http://localhost:8126)",
      "failed_to_send traces to Agent: HTTP error status 404, reason Not Found",
    ],
    signs: [
      "404 page not found, as the answer to a request that a person made"
    ],
    text: """
      Tracers try newer endpoints first and go back to an older one when they are answered 404; that is how it is meant \
      to be, and nothing is lost but, with ddtrace for Python, the one payload that met the 404. Paths that have nothing \
      to do with traces (telemetry, remote configuration, profiles) stay unserved, and the tracer does without: they are no \
      finding, `roost info` counts them. \
      When it is an endpoint for traces and the client sends nothing afterwards, tell the tracer which version to use. \
      When the path has an endpoint's path twice, the tracer was given an address that ends in one \
      (DD_TRACE_AGENT_URL=http://localhost:8126/v0.4/traces): every request is a 404, and all its traces are lost.
      `/api/v0.2/traces` is a path of an intake: another trace-agent forwards to roost (DD_APM_DD_URL). roost takes the \
      formats of tracers and not this one: let the app send to roost itself.
      """)
}
