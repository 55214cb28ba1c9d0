extension Explanation {
  static let rst058 = Explanation(
    id: "RST058", name: "roost does not listen where it was told to",
    signs: ["the unix socket is gone", "roost info says: not on /var/run/datadog/apm.socket"],
    text: """
      roost was told of a unix socket, or found the folder of the usual one, and cannot listen there: the folder is \
      missing, another process has the socket, a file of another kind is in the way, or its user may not write there. It \
      goes on taking traces at its other addresses, so that only apps that send to this socket lose theirs.

      roost looks every second. When the folder is made or mounted, when an agent that had the socket before stops, or \
      when a socket file that was removed can be made again, it listens there a second later, and `roost info` lists the \
      socket among its addresses; nothing has to be started anew.
      """)
}
