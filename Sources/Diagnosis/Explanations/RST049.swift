extension Explanation {
  static let rst049 = Explanation(
    id: "RST049", name: "A web page's requests are refused",
    signs: [
      "403 with the body: cross-site request rejected",
      "cross_site",
    ],
    text: """
      A browser sent a request that a web page made (with an Origin, or a `Sec-Fetch-Site` other than `none` and \
      `same-origin`), and roost answered 403. Otherwise any page could use the agent of whoever looks at it. Tracers \
      send neither header. A person who types the agent's address into a browser is answered.

      What a page does is traced by its server, or by a product for browsers that has an intake of its own. A page that \
      nobody knows was kept out, and nothing has to be done.
      """)
}
