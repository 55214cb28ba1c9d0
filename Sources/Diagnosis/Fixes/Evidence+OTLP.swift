extension Evidence {
  /// How an app's exporter of OTLP is pointed at roost, which takes it at its trace port, and at port 4318 where that is
  /// open: over HTTP, and over gRPC where it has libnghttp2.
  /// - Parameter overHTTP: where roost cannot take it over gRPC.
  func sendingOTLP(_ process: ProcessEvidence?, overHTTP: Bool = false) -> [String] {
    let opened = agent?.listeners.contains { Place($0)?.port == 4318 } ?? false
    let url = opened ? "http://127.0.0.1:4318" : roostURL ?? "http://127.0.0.1:4318"
    let place = Place(url)
    // An exporter cannot send to a unix socket.
    let endpoint = place?.isTCP == true ? url : "http://127.0.0.1:4318"
    guard overHTTP else {
      let restart = Restart(
        set: [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)], unset: ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"])
      return [restart.line(process, note: "roost takes OTLP over HTTP and over gRPC")]
    }
    let restart = Restart(
      set: [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")],
      unset: ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"])
    return [restart.line(process, note: "without libnghttp2 roost takes OTLP over HTTP only")]
  }
}
