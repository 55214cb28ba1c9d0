/// RST035: an HTTP proxy stands between tracer and agent.
enum ProxyRules {
  static func captured(_ evidence: Evidence) -> [Finding] {
    evidence.processes.compactMap { capturedBySetting($0, evidence) }
      + evidence.probes.compactMap {
        proxyAsAgent($0, evidence)
      } + arrivedThroughProxy(evidence)
  }

  /// The process's variables send its tracer's requests to a proxy.
  private static func capturedBySetting(_ process: ProcessEvidence, _ evidence: Evidence) -> Finding? {
    guard process.isEnvironmentReadable, let obeyed = obeyedVariables(process),
      let (name, proxy) = obeyed.names.lazy.compactMap({ name in process.setting(name).map { (name, $0) } }).first,
      let target = evidence.target(of: process), target.address.isTCP
    else { return nil }
    let host = target.address.host
    // Where both are there, clients read the small one.
    let excepting = process.environment["no_proxy"] == nil ? "NO_PROXY" : "no_proxy"
    let exempt = process.setting("no_proxy") ?? process.setting("NO_PROXY") ?? ""
    guard !isExempt(host, exempt), !(obeyed.sparesLoopback && target.address.isLoopback) else { return nil }
    let list = exempt.isEmpty ? "NO_PROXY is not set" : "NO_PROXY=\(exempt) does not name \(host)"
    let added = [exempt, "127.0.0.1", "localhost", host].joined(separator: ",").split(separator: ",").map(String.init)
    return Finding(
      "RST035", obeyed.isCertain ? .problem : .warning,
      "\(process.naming) reaches \(target.address.text) only through the proxy \(proxy)",
      because: ["\(name)=\(proxy)", list, obeyed.why],
      fix: [Restart(set: [(excepting, added.uniqued().joined(separator: ","))]).line(process)],
      explains: ["RST006", "RST011", "RST016"], pid: process.pid, places: [target.address])
  }

  /// What is known of a tracer's use of proxy variables.
  private struct Obedience {
    var names: [String]
    var sparesLoopback = false
    var isCertain = true
    var why: String
  }

  /// `nil` for tracers that obey none, and where it is not known.
  private static func obeyedVariables(_ process: ProcessEvidence) -> Obedience? {
    let all = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]
    switch process.language {
    case "python":
      let tracer = process.tracer ?? process.installedTracer
      let major = tracer.flatMap { $0.version.split(separator: ".").first }.flatMap { Int($0) }
      guard let major else {
        guard tracer != nil else { return nil }
        return Obedience(names: all, isCertain: false, why: "ddtrace 4 and later obeys it, even for 127.0.0.1")
      }
      return major >= 4 ? Obedience(names: all, why: "ddtrace \(major) obeys it, even for 127.0.0.1") : nil
    case "dotnet": return Obedience(names: all, why: "the .NET tracer obeys it")
    case "go":
      return Obedience(
        names: ["HTTP_PROXY", "http_proxy"], sparesLoopback: true, why: "Go obeys it but for localhost")
    case "php", "cpp":
      return Obedience(names: ["http_proxy", "all_proxy", "ALL_PROXY"], isCertain: false, why: "libcurl obeys it")
    case "nodejs" where process.setting("NODE_USE_ENV_PROXY") == "1":
      return Obedience(names: all, isCertain: false, why: "NODE_USE_ENV_PROXY=1 makes Node obey it")
    default: return nil
    }
  }

  /// Whether the list of NO_PROXY covers the host: as a whole, as a domain's end, or by `*`.
  static func isExempt(_ host: String, _ list: String) -> Bool {
    list.split(separator: ",").contains { entry in
      let plain = entry.filter { $0 != " " && $0 != "[" && $0 != "]" }.lowercased()
      let name = plain.split(separator: ":").count == 2 ? String(plain.prefix { $0 != ":" }) : plain
      if name == "*" { return true }
      if name.hasSuffix("/8"), name.hasPrefix("127."), host.hasPrefix("127.") { return true }
      let domain = name.hasPrefix("*.") ? String(name.dropFirst(1)) : name.hasPrefix(".") ? name : "." + name
      return host == name || host == domain.dropFirst() || (!domain.isEmpty && host.hasSuffix(domain))
    }
  }

  /// What answers at the agent's address is a proxy.
  private static func proxyAsAgent(_ probe: ProbeEvidence, _ evidence: Evidence) -> Finding? {
    guard probe.product?.name == "proxy" || probe.httpStatus == 407 else { return nil }
    let server = probe.server.map { " (Server: \($0))" } ?? ""
    return Finding(
      "RST035", .problem,
      "What answers \(evidence.naming(probe.forPid)) at \(probe.url) is an HTTP proxy, not an agent",
      because: [
        "\(probe.address) answered GET /info with \(probe.httpStatus.map(String.init) ?? "an error page")\(server)"
      ],
      fix: [evidence.restart(evidence.process(probe.forPid))], explains: ["RST016"],
      pid: probe.forPid, places: [Place(probe.url), probe.target].compactMap { $0 })
  }

  /// Requests that came through a proxy all the same: slower, and gone when the proxy is.
  private static func arrivedThroughProxy(_ evidence: Evidence) -> [Finding] {
    evidence.clientIssues("proxy_request").map { clientIssues in
      let who = clientIssues.client.isEmpty ? "a client" : clientIssues.client
      return Finding(
        "RST035", evidence.severity(.warning, of: [clientIssues]),
        "Requests of \(who) come to roost through a proxy (\(times(clientIssues.count)))",
        because: [clientIssues.detail.isEmpty ? "they carry a proxy's headers" : clientIssues.detail]
          + clientIssues.age,
        fix: [Restart(set: [("NO_PROXY", "127.0.0.1,localhost")]).line(nil)])
    }
  }
}
