extension Explanation {
  static let rst047 = Explanation(
    id: "RST047", name: "The intake refuses the key or the site is wrong",
    signs: [
      "403 Forbidden from trace.agent.datadoghq.com",
      "\"API Key invalid, dropping transaction\" in the log of an agent",
      "no traces in Datadog",
    ],
    text: """
      A key belongs to one site, and the intake of any other answers 403 as if the key were wrong. That is the most \
      frequent reason: the account is at datadoghq.eu or us5.datadoghq.com and the agent sends to datadoghq.com, which \
      is what it does when it is told nothing. The site is the end of the address in the browser without `app.`. \
      DD_SITE takes the bare domain, without https://. An API key has 32 hexadecimal digits; one of 40 is an \
      application key and is not for this.
      """)
}
