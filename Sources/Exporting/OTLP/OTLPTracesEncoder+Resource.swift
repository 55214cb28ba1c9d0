import TraceModel

/// The attributes of a `Resource`: what is the same for all spans of a `ResourceSpans`.
extension OTLPTracesEncoder {
  private static let attribute: UInt8 = 0x0A

  mutating func encodeResource(_ group: OTLPGroup, _ batch: borrowing SpanBatch) {
    if batch.payload.isOTLP { encodeSaidResource(batch) } else { encodeSender(group, batch) }
    encodeAttribute("service.name", group.service, batch, field: Self.attribute)
  }

  /// Only what tells it from others, where the resources of a batch have become too large.
  mutating func encodeShortResource(_ group: OTLPGroup, _ batch: borrowing SpanBatch) {
    if group.version.length <= Self.shortTextMax { encodeUnlessEmpty("service.version", group.version, batch) }
    if group.env.length <= Self.shortTextMax { encodeUnlessEmpty("deployment.environment.name", group.env, batch) }
    encodeAttribute("service.name", group.service, batch, field: Self.attribute)
  }

  private static let shortTextMax = 256

  // MARK: Of what came as OTLP

  /// What the client said, and what it said for Datadog alone, or roost has found out.
  private mutating func encodeSaidResource(_ batch: borrowing SpanBatch) {
    let payload = batch.payload
    if !hasContainer(batch) {
      // What the client itself says, it has said for Datadog.
      let name: StaticString = payload.containerID.isInSideArena ? "container.id" : "datadog.container_id"
      encodeAttribute(name, payload.containerID, batch, field: Self.attribute)
    }
    if !hasHost(batch) { encodeAttribute("datadog.host.name", payload.hostname, batch, field: Self.attribute) }
    var index = resource.count
    while index > 0 {
      index &-= 1
      let entry = resource[index]
      buffer.prependAttribute(field: Self.attribute, key: entry.key, text: entry.value, of: batch.texts)
    }
  }

  /// Whether decoding finds the container in the attributes of the resource, of which it may have kept the beginning.
  private func hasContainer(_ batch: borrowing SpanBatch) -> Bool {
    let id = batch.payload.containerID
    let container = said("container.id", batch)
    return id.isEmpty || Self.begins(container.isEmpty ? said("k8s.pod.uid", batch) : container, with: id, batch)
  }

  /// The same of the host, which may be the node of a cluster, with the cluster's name behind its own.
  private func hasHost(_ batch: borrowing SpanBatch) -> Bool {
    let host = batch.payload.hostname
    if host.isEmpty { return true }
    let node = said("k8s.node.name", batch)
    if !node.isEmpty { return Self.begins(host, with: node, batch) || Self.begins(node, with: host, batch) }
    let id = said("host.id", batch)
    return Self.begins(id.isEmpty ? said("host.name", batch) : id, with: host, batch)
  }

  private static func begins(_ text: ByteSlice, with beginning: ByteSlice, _ batch: borrowing SpanBatch) -> Bool {
    text.length >= beginning.length && batch.equal(text.prefix(Int(beginning.length)), beginning)
  }

  /// An attribute of the resource; empty where there is none.
  func said(_ key: StaticString, _ batch: borrowing SpanBatch) -> ByteSlice {
    for index in 0..<resource.count where batch.equal(resource[index].key, key) { return resource[index].value }
    return .empty
  }

  // MARK: Of what Datadog's tracers sent

  private mutating func encodeSender(_ group: OTLPGroup, _ batch: borrowing SpanBatch) {
    let payload = batch.payload
    for index in payload.attributes.range.reversed() {
      if isOwn(batch.bytes(batch.typedAttributes[index].key)) { continue }
      encodeTyped(batch.typedAttributes[index], field: Self.attribute, batch)
    }
    encodeContainerTags(payload.containerTags, batch)
    encodeUnlessEmpty("container.id", payload.containerID, batch)
    encodeUnlessEmpty("service.instance.id", payload.runtimeID, batch)
    encodeUnlessEmpty("process.runtime.version", payload.languageVersion, batch)
    encodeUnlessEmpty("telemetry.sdk.version", payload.tracerVersion, batch)
    if batch.equal(payload.languageName, ".NET") {
      encodeAttribute("telemetry.sdk.language", "dotnet", field: Self.attribute)
    } else {
      encodeUnlessEmpty("telemetry.sdk.language", payload.languageName, batch)
    }
    encodeAttribute("telemetry.sdk.name", "datadog", field: Self.attribute)
    if !payload.hostname.isEmpty {
      encodeAttribute("host.name", payload.hostname, batch, field: Self.attribute)
    } else if !identity.hostname.isEmpty {
      encode("host.name", identity.hostname)
    }
    encodeUnlessEmpty("service.version", group.version, batch)
    if !group.env.isEmpty {
      encodeAttribute("deployment.environment.name", group.env, batch, field: Self.attribute)
    } else if !identity.env.isEmpty, identity.env != Self.noEnv {
      encode("deployment.environment.name", identity.env)
    }
  }

  /// What is written here under names of its own, so that no name stands there twice.
  private static let ownNames: [StaticString] = [
    "service.name", "service.version", "service.instance.id", "deployment.environment.name", "host.name",
    "telemetry.sdk.name", "telemetry.sdk.language", "telemetry.sdk.version", "process.runtime.version", "container.id",
  ]

  /// Whether an attribute of the payload is left out: it is for Datadog's intake, or has the name of another one.
  private func isOwn(_ key: UnsafeRawBufferPointer) -> Bool {
    if key.first == UInt8(ascii: "_") { return true }
    for name in Self.ownNames where ByteString.equal(key, name) { return true }
    for names in Self.containerTagNames where ByteString.equal(key, names.attribute) { return true }
    return false
  }

  /// What the agent calls an environment that nobody has set.
  private static let noEnv = "none"

  private mutating func encodeUnlessEmpty(_ name: StaticString, _ text: ByteSlice, _ batch: borrowing SpanBatch) {
    if !text.isEmpty { encodeAttribute(name, text, batch, field: Self.attribute) }
  }

  private mutating func encode(_ name: StaticString, _ text: String) {
    let mark = buffer.count
    buffer.prepend(field: 0x0A, text: text)
    buffer.closeMessage(field: 0x12, since: mark)
    buffer.prepend(field: 0x0A, text: name)
    buffer.closeMessage(field: Self.attribute, since: mark)
  }

  // MARK: Containers

  /// What Datadog calls tags of containers, and OpenTelemetry attributes of resources.
  private static let containerTagNames: [(tag: StaticString, attribute: StaticString)] = [
    ("container_name", "container.name"), ("image_name", "container.image.name"),
    ("image_tag", "container.image.tag"), ("runtime", "container.runtime"), ("cloud_provider", "cloud.provider"),
    ("region", "cloud.region"), ("zone", "cloud.availability_zone"), ("task_family", "aws.ecs.task.family"),
    ("task_arn", "aws.ecs.task.arn"), ("ecs_cluster_name", "aws.ecs.cluster.arn"),
    ("task_version", "aws.ecs.task.revision"), ("ecs_container_name", "aws.ecs.container.arn"),
    ("kube_container_name", "k8s.container.name"), ("kube_cluster_name", "k8s.cluster.name"),
    ("kube_deployment", "k8s.deployment.name"), ("kube_replica_set", "k8s.replicaset.name"),
    ("kube_stateful_set", "k8s.statefulset.name"), ("kube_daemon_set", "k8s.daemonset.name"),
    ("kube_job", "k8s.job.name"), ("kube_cronjob", "k8s.cronjob.name"), ("kube_namespace", "k8s.namespace.name"),
    ("pod_name", "k8s.pod.name"),
  ]

  /// Each `key:value` of a list with commas, as far as OpenTelemetry has a name for it; of one name the first.
  private mutating func encodeContainerTags(_ list: ByteSlice, _ batch: borrowing SpanBatch) {
    let bytes = batch.bytes(list)
    var start = 0
    var written: UInt64 = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: ",")) ?? bytes.count
      defer { start = end + 1 }
      guard let colon = bytes[start..<end].firstIndex(of: UInt8(ascii: ":")) else { continue }
      let name = UnsafeRawBufferPointer(rebasing: bytes[start..<colon])
      guard let place = Self.containerTagNames.firstIndex(where: { ByteString.equal(name, $0.tag) }),
        written & 1 << UInt64(place) == 0
      else { continue }
      written |= 1 << UInt64(place)
      let mark = buffer.count
      let value = UnsafeRawBufferPointer(rebasing: bytes[(colon + 1)..<end])
      buffer.prepend(bytes: value, readable: 0)
      buffer.closeMessage(field: 0x0A, since: mark)
      buffer.closeMessage(field: 0x12, since: mark)
      buffer.prepend(field: 0x0A, text: Self.containerTagNames[place].attribute)
      buffer.closeMessage(field: Self.attribute, since: mark)
    }
  }
}
