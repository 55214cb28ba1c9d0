import CCurl

extension CurlOptions {
  /// How a request travels: its times, TLS and proxies, the same for everything that leaves the agent.
  /// - Parameter timeout: from the start of the request to the end of its answer.
  mutating func set(_ transport: TransportSettings, timeout: Duration, usesTLS: Bool) {
    set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    // Signals are the agent's business; without this libcurl uses SIGALRM for time-outs.
    set(CURLOPT_NOSIGNAL, 1)
    endQuickly()
    set(CURLOPT_TIMEOUT_MS, Int(clamping: max(1, timeout.milliseconds)))
    set(CURLOPT_CONNECTTIMEOUT_MS, Int(clamping: transport.connectTimeout.milliseconds))
    if transport.connectionAgeMax > .zero {
      set(CURLOPT_MAXLIFETIME_CONN, max(1, Int(transport.connectionAgeMax.components.seconds)))
    }
    // Resident memory: libcurl's own sizes are 16 KB and 64 KB, said here so that they stay.
    set(CURLOPT_BUFFERSIZE, 16 << 10)
    set(CURLOPT_UPLOAD_BUFFERSIZE, 64 << 10)
    // Set even when empty: otherwise libcurl looks into the environment.
    set(CURLOPT_PROXY, transport.proxy.url(usesTLS: usesTLS))
    set(CURLOPT_NOPROXY, transport.proxy.noProxyList)
    set(CURLOPT_SSL_VERIFYPEER, transport.skipsCertificateCheck ? 0 : 1)
    set(CURLOPT_SSL_VERIFYHOST, transport.skipsCertificateCheck ? 0 : 2)
    if let file = transport.certificatesFile {
      set(CURLOPT_CAINFO, file)
      set(CURLOPT_PROXY_CAINFO, file)
    }
    if let folders = transport.certificatesFolders {
      set(CURLOPT_CAPATH, folders)
      set(CURLOPT_PROXY_CAPATH, folders)
    }
    set(CURLOPT_SSLVERSION, Self.curlVersion(transport.minTLS))
  }

  private static func curlVersion(_ version: TransportSettings.TLSVersion) -> Int {
    switch version {
    case .tls10: CURL_SSLVERSION_TLSv1_0
    case .tls11: CURL_SSLVERSION_TLSv1_1
    case .tls12: CURL_SSLVERSION_TLSv1_2
    case .tls13: CURL_SSLVERSION_TLSv1_3
    }
  }
}
