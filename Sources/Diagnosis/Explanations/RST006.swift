extension Explanation {
  static let rst006 = Explanation(
    id: "RST006", name: "The port is forwarded, but nothing answers behind it",
    lines: [
      "Connection reset by peer",
      "[Errno 104] Connection reset by peer",
      "[Errno 54] Connection reset by peer",
      "Post \"http://localhost:8126/v0.4/traces\": EOF",
      "java.io.IOException: unexpected end of stream on http://localhost:8126/",
      "http.client.RemoteDisconnected: Remote end closed connection without response",
      "Error: socket hang up",
    ],
    text: """
      The connection is made and closed again before a byte of an answer comes. That is how a port looks which a \
      container engine or a tunnel holds open while the program behind it does not listen where the forwarder \
      delivers. The usual cause: the agent in the container listens on the container's 127.0.0.1, and the \
      forwarder comes to the container's outer address.

      Let the agent inside listen on all addresses of its container. roost does so by itself in a container, \
      unless `bind_host` is set.
      """)
}
