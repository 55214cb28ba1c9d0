extension Explanation {
  static let rst023 = Explanation(
    id: "RST023", name: "The app may not use the socket",
    lines: [
      "connect EACCES /var/run/datadog/apm.socket",
      "Failed to send traces to Datadog Agent at unix:///var/run/datadog/apm.socket: [Errno 13] Permission denied",
      "dial unix /var/run/datadog/apm.socket: connect: permission denied",
    ],
    text: """
      Connecting to a unix socket needs the permission to write to its file and to enter every folder on the way. \
      Datadog's agent and roost give the socket mode 0722 so that any user may send; a socket made otherwise, or a \
      folder that only its owner may enter, shuts the app out.

      Open the file or the folder that is named. The file's mode is lost when its owner makes it anew.
      """)
}
