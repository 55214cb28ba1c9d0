import TraceModel

/// What a resource says of the process, container and host that it is.
extension OTLPAssembler {
  /// Before the first span, when what is looked up is found in the resource.
  mutating func describeSpans(
    _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) {
    let service = try text(.datadogService, or: .serviceName, &context, &batch, at: offset)
    defaults.service = service.isEmpty ? texts.slice(.noService) : service
    defaults.env = try environment(&context, &batch, at: offset)
    defaults.version = try version(&context, &batch, at: offset)
  }

  mutating func describePayload(
    _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) {
    (batch.payload.isOTLP, batch.payload.resource) = (true, resourcePlace)
    batch.payload.languageName = try sender("telemetry.sdk.language", &context, &batch, at: offset)
    batch.payload.languageVersion = try sender("process.runtime.version", &context, &batch, at: offset)
    batch.payload.tracerVersion = try tracerVersion(&context, &batch, at: offset)
    batch.payload.containerID = try sender(
      "datadog.container_id", or: "container.id", or: "k8s.pod.uid", &context, &batch, at: offset)
    batch.payload.hostname = try hostname(&context, &batch, at: offset)
    batch.payload.containerTags = try containerTags(&context, &batch, at: offset)
    batch.payload.env = shortened(defaults.env, batch)
    batch.payload.appVersion = shortened(defaults.version, batch)
    let computed = try resourceText("_dd.stats_computed", &context, &batch, at: offset)
    noteComputedStatistics(batch.equal(computed, "true"))
  }

  /// The environment of a span, or of its resource; empty where nothing is said.
  mutating func environment(
    _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) -> ByteSlice {
    let named = try text(.datadogEnv, or: .environmentName, &context, &batch, at: offset)
    return try named.isEmpty ? text(.environment, &context, &batch, at: offset) : named
  }

  /// The version of a span's application, or of its resource's.
  mutating func version(
    _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) -> ByteSlice {
    try text(.datadogVersion, or: .serviceVersion, &context, &batch, at: offset)
  }

  /// The first of up to three attributes that has a text.
  private mutating func sender(
    _ first: StaticString, or second: StaticString? = nil, or third: StaticString? = nil,
    _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) -> ByteSlice {
    for key in [first, second, third] {
      guard let key else { continue }
      let found = try resourceText(key, &context, &batch, at: offset)
      if !found.isEmpty { return shortened(found, batch) }
    }
    return .empty
  }

  private func shortened(_ text: ByteSlice, _ batch: borrowing SpanBatch) -> ByteSlice {
    MessagePackDecoder.shortened(text, batch, bytesMax: TracesV07.senderTextBytesMax)
  }

  private mutating func tracerVersion(
    _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) -> ByteSlice {
    let version = try sender("telemetry.sdk.version", &context, &batch, at: offset)
    let start = batch.sideArena.count
    guard batch.appendJSON("otlp-"), try append(version, &batch, at: offset) else { throw .noMemory(at: offset) }
    return ByteSlice(sideOffset: start, length: batch.sideArena.count - start)
  }

  /// As the Datadog agent finds it: what is said for Datadog, the node of a cluster, the id that a cloud gave, the name.
  private mutating func hostname(
    _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) -> ByteSlice {
    let said = try sender("datadog.host.name", &context, &batch, at: offset)
    if !said.isEmpty { return said }
    let node = try sender("k8s.node.name", &context, &batch, at: offset)
    guard !node.isEmpty else { return try sender("host.id", or: "host.name", &context, &batch, at: offset) }
    let cluster = try sender("k8s.cluster.name", &context, &batch, at: offset)
    if cluster.isEmpty { return node }
    let start = batch.sideArena.count
    guard try append(node, &batch, at: offset), batch.appendJSON("-"), try append(cluster, &batch, at: offset) else {
      throw .noMemory(at: offset)
    }
    return ByteSlice(sideOffset: start, length: batch.sideArena.count - start)
  }

  /// Attributes of containers, and what Datadog calls them.
  private static let containerTagNames: [(attribute: StaticString, tag: StaticString)] = [
    ("container.id", "container_id"), ("container.name", "container_name"), ("container.image.name", "image_name"),
    ("container.image.tag", "image_tag"), ("container.runtime", "runtime"), ("cloud.provider", "cloud_provider"),
    ("cloud.region", "region"), ("cloud.availability_zone", "zone"), ("aws.ecs.task.family", "task_family"),
    ("aws.ecs.task.arn", "task_arn"), ("aws.ecs.cluster.arn", "ecs_cluster_name"),
    ("aws.ecs.task.revision", "task_version"), ("aws.ecs.container.arn", "ecs_container_name"),
    ("k8s.container.name", "kube_container_name"), ("k8s.cluster.name", "kube_cluster_name"),
    ("k8s.deployment.name", "kube_deployment"), ("k8s.replicaset.name", "kube_replica_set"),
    ("k8s.statefulset.name", "kube_stateful_set"), ("k8s.daemonset.name", "kube_daemon_set"),
    ("k8s.job.name", "kube_job"), ("k8s.cronjob.name", "kube_cronjob"), ("k8s.namespace.name", "kube_namespace"),
    ("k8s.pod.name", "pod_name"),
  ]

  /// Bytes of all of these tags that are kept.
  private static let containerTagsBytesMax = 5_000

  private mutating func containerTags(
    _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) -> ByteSlice {
    let said = try resourceText("datadog.container_tags", &context, &batch, at: offset)
    if !said.isEmpty { return MessagePackDecoder.shortened(said, batch, bytesMax: Self.containerTagsBytesMax) }
    let start = batch.sideArena.count
    for index in 0..<resource.count where resource[index].value.kind == .text && !resource[index].value.text.isEmpty {
      let (key, value) = (resource[index].key, resource[index].value.text)
      guard let (_, tag) = Self.containerTagNames.first(where: { batch.equal(key, $0.attribute) }) else { continue }
      let length = batch.sideArena.count - start + tag.utf8CodeUnitCount + Int(value.length) + 2
      guard length <= Self.containerTagsBytesMax else { continue }
      let separator: StaticString = batch.sideArena.count > start ? "," : ""
      guard batch.appendJSON(separator), batch.appendJSON(tag), batch.appendJSON(":"),
        try append(value, &batch, at: offset)
      else { throw .noMemory(at: offset) }
    }
    return ByteSlice(sideOffset: start, length: batch.sideArena.count - start)
  }

  /// Writes a text behind what was written last. Throws when there is no memory, and is true.
  mutating func append(
    _ text: ByteSlice, lowercased: Bool = false, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) -> Bool {
    guard batch.sideArena.reserve(Int(text.length)) else { throw .noMemory(at: offset) }
    let start = batch.sideArena.count
    // Behind the reservation: it may have moved the side arena.
    _ = unsafe batch.addBytes(batch.bytes(text))
    guard lowercased else { return true }
    for index in start..<batch.sideArena.count {
      let byte = batch.sideArena[index]
      if byte >= 0x41 && byte <= 0x5A { batch.sideArena[index] = byte | 0x20 }
    }
    return true
  }
}
