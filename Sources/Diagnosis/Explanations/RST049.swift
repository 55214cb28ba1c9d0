extension Explanation {
  static let rst049 = Explanation(
    id: "RST049", name: "A web page's requests are refused",
    signs: [
      "403 with the body: cross-site request rejected",
      "cross_site",
    ],
    text: """
      A browser sent a request of a page of another site (`Sec-Fetch-Site: cross-site`), and roost answered 403, as \
      Datadog's trace-agent does. Otherwise any page could post traces to the agent of whoever looks at it. Only \
      `/info` may be read by a page.

      What a page does is traced by its server, or by a product for browsers that has an intake of its own. A page that \
      nobody knows was kept out, and nothing has to be done.
      """)
}
