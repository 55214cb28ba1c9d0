import TraceModel

/// Service, operation, resource and type of a span, by the rules of the Datadog agent.
extension OTLPAssembler {
  mutating func service(
    _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) -> ByteSlice {
    guard spanKeys.meets(OTLPKeySet(.datadogService, .serviceName)) else { return defaults.service }
    let said = try text(.datadogService, or: .serviceName, &context, &batch, at: offset)
    return said.isEmpty ? texts.slice(.noService) : said
  }

  // MARK: Operation

  mutating func operation(
    _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) -> ByteSlice {
    let said = try text(.datadogName, or: .operationName, &context, &batch, at: offset)
    guard said.isEmpty else { return mapping.usesNewerNames ? said : renamed(said, &batch) }
    if !mapping.usesNewerNames { return renamed(try olderOperation(&batch, at: offset), &batch) }
    if let fixed = try protocolOperation(&context, &batch, at: offset) { return fixed }
    switch span.kind {
    case .server, .client: return try networkOperation(&context, &batch, at: offset)
    case .unspecified, .internal: return texts.slice(.internalName)
    case .producer: return texts.slice(.producerName)
    case .consumer: return texts.slice(.consumerName)
    }
  }

  /// `<scope>.<kind>`, or the span's own name.
  private mutating func olderOperation(
    _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) -> ByteSlice {
    if mapping.spanNameIsOperation { return span.name }
    let start = batch.sideArena.count
    let isWritten = try scopeName.isEmpty ? batch.appendJSON("opentelemetry") : append(scopeName, &batch, at: offset)
    guard isWritten, batch.appendJSON("."), batch.appendJSON(OTLPText(kind: span.kind).text) else {
      throw .noMemory(at: offset)
    }
    return Self.written(from: start, batch)
  }

  private mutating func renamed(_ operation: ByteSlice, _ batch: inout SpanBatch) -> ByteSlice {
    for rule in mapping.renamedOperations {
      let isThis = unsafe rule.from.withUnsafeBytes { unsafe ByteString.equal($0, batch.bytes(operation)) }
      if isThis { return batch.addBytes(rule.to) }
    }
    return operation
  }

  /// What the attributes of a protocol say, in the order of the Datadog agent.
  private mutating func protocolOperation(
    _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) -> ByteSlice? {
    let (isClient, isServer) = (span.kind == .client, span.kind == .server)
    if isServer || isClient, has(.requestMethod) || has(.method) {
      return texts.slice(isServer ? .httpServer : .httpClient)
    }
    if isClient {
      let database = try text(.dbSystem, or: .dbSystemName, &context, &batch, at: offset)
      if !database.isEmpty { return try describe(database, &batch, at: offset).operation }
    }
    if span.kind != .internal, span.kind != .unspecified {
      let system = try text(.messagingSystem, &context, &batch, at: offset)
      let operation = try text(.messagingOperation, &context, &batch, at: offset)
      if !system.isEmpty, !operation.isEmpty {
        return try compose("", system, ".", operation, "", &batch, at: offset)
      }
    }
    if isServer || isClient, let remote = try remoteOperation(&context, &batch, at: offset) { return remote }
    let graph = try text(.graphQLType, &context, &batch, at: offset)
    return graph.isEmpty ? nil : texts.slice(.graphQLServer)
  }

  /// Calls of other programs, and functions in the cloud.
  private mutating func remoteOperation(
    _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) -> ByteSlice? {
    let isClient = span.kind == .client
    let system = try text(.rpcSystem, &context, &batch, at: offset)
    if isClient, batch.equal(system, "aws-api") {
      let service = try text(.rpcService, &context, &batch, at: offset)
      return try service.isEmpty
        ? texts.slice(.awsClient) : compose("aws.", service, ".request", &batch, at: offset)
    }
    if !system.isEmpty {
      return try compose("", system, isClient ? ".client.request" : ".server.request", &batch, at: offset)
    }
    if isClient {
      let provider = try text(.faasProvider, &context, &batch, at: offset)
      let name = try text(.faasName, &context, &batch, at: offset)
      if provider.isEmpty || name.isEmpty { return nil }
      return try compose("", provider, ".", name, ".invoke", &batch, at: offset)
    }
    let trigger = try text(.faasTrigger, &context, &batch, at: offset)
    return try trigger.isEmpty ? nil : compose("", trigger, ".invoke", &batch, at: offset)
  }

  private mutating func networkOperation(
    _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) -> ByteSlice {
    let isServer = span.kind == .server
    let name = try text(.protocolName, &context, &batch, at: offset)
    if name.isEmpty { return texts.slice(isServer ? .serverRequest : .clientRequest) }
    return try compose("", name, isServer ? ".server.request" : ".client.request", &batch, at: offset)
  }

  // MARK: Resource

  mutating func resourceName(
    _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) -> ByteSlice {
    let said = try text(.datadogResource, or: .resourceName, &context, &batch, at: offset)
    if !said.isEmpty { return said }
    let method = try text(.requestMethod, or: .method, &context, &batch, at: offset)
    if !method.isEmpty {
      let hasRoute = span.kind == .server || !mapping.usesNewerNames
      let route = try hasRoute ? text(.route, &context, &batch, at: offset) : .empty
      let shown = mapping.usesNewerNames && batch.equal(method, "_OTHER") ? batch.addText("HTTP") : method
      return try pair(shown, route, &batch, at: offset)
    }
    let operation = try text(.messagingOperation, &context, &batch, at: offset)
    if !operation.isEmpty {
      let destination = try text(
        .messagingDestination, or: .messagingDestinationName, &context, &batch, at: offset)
      return try pair(operation, destination, &batch, at: offset)
    }
    let call = try text(.rpcMethod, &context, &batch, at: offset)
    if !call.isEmpty {
      return try pair(call, try text(.rpcService, &context, &batch, at: offset), &batch, at: offset)
    }
    let graph = try text(.graphQLType, &context, &batch, at: offset)
    if !graph.isEmpty {
      return try pair(graph, try text(.graphQLName, &context, &batch, at: offset), &batch, at: offset)
    }
    if mapping.usesNewerNames, has(.dbSystem) || has(.dbSystemName) {
      let statement = try text(.dbStatement, or: .dbQueryText, &context, &batch, at: offset)
      if !statement.isEmpty { return statement }
    }
    return span.name
  }

  // MARK: Type

  mutating func spanType(
    _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) -> ByteSlice {
    let said = try text(.datadogType, or: .spanType, &context, &batch, at: offset)
    if !said.isEmpty { return said }
    switch span.kind {
    case .server: return texts.slice(.web)
    case .client:
      let system = try text(.dbSystem, or: .dbSystemName, &context, &batch, at: offset)
      if system.isEmpty { return texts.slice(.http) }
      return texts.slice(try describe(system, &batch, at: offset).type)
    case .unspecified, .internal, .producer, .consumer: return texts.slice(.custom)
    }
  }

  /// What the span becomes by its database.
  private mutating func describe(
    _ system: ByteSlice, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) -> OTLPDatabases.Database {
    if let database { return database }
    if let known = databases.find(system, batch) {
      database = known
      return known
    }
    var new = OTLPDatabases.Database(system: system, type: databaseType(system, batch))
    if mapping.usesNewerNames { new.operation = try compose("", system, ".query", &batch, at: offset) }
    databases.note(new)
    database = new
    return new
  }

  /// Databases with a type of their own.
  private static let databaseTypes: [(system: StaticString, type: OTLPText)] = [
    ("redis", .redis), ("memcached", .memcached), ("mongodb", .mongoDB), ("elasticsearch", .elasticsearch),
    ("opensearch", .openSearch), ("cassandra", .cassandra),
  ]

  /// Databases that are asked in SQL, by their names of both versions of the convention.
  private static let databasesOfSQL: [StaticString] = [
    "other_sql", "mssql", "microsoft.sql_server", "mysql", "oracle", "oracle.db", "db2", "ibm.db2", "postgresql",
    "redshift", "aws.redshift", "cloudscape", "hsqldb", "hive", "maxdb", "sap.maxdb", "hanadb", "sap.hana", "ingres",
    "actian.ingres", "firstsql", "edb", "cache", "intersystems_cache", "firebird", "firebirdsql", "derby",
    "informix", "ibm.informix", "mariadb", "sqlite", "sybase", "teradata", "h2", "h2database", "coldfusion", "vertica",
    "adabas", "softwareag.adabas", "filemaker", "instantdb", "interbase", "netezza", "ibm.netezza", "pervasive",
    "pointbase", "progress", "clickhouse", "cockroachdb", "mssqlcompact", "trino", "spanner",
  ]

  private func databaseType(_ system: ByteSlice, _ batch: borrowing SpanBatch) -> OTLPText {
    let bytes = unsafe batch.bytes(system)
    for (name, type) in Self.databaseTypes where unsafe ByteString.equalIgnoringCase(bytes, name) {
      guard mapping.usesOlderTypes else { return type }
      return type == .redis || type == .memcached ? .cache : .database
    }
    if mapping.usesOlderTypes { return .database }
    for name in Self.databasesOfSQL where unsafe ByteString.equalIgnoringCase(bytes, name) { return .sql }
    return .database
  }

  // MARK: Composing

  private static func written(from start: Int, _ batch: borrowing SpanBatch) -> ByteSlice {
    ByteSlice(sideOffset: start, length: batch.sideArena.count - start)
  }

  /// A name of one value, in lower case as the Datadog agent writes the values that it takes.
  private mutating func compose(
    _ before: StaticString, _ value: ByteSlice, _ behind: StaticString, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) -> ByteSlice {
    try compose(before, value, behind, .empty, "", &batch, at: offset)
  }

  private mutating func compose(
    _ before: StaticString, _ first: ByteSlice, _ between: StaticString, _ second: ByteSlice,
    _ behind: StaticString, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) -> ByteSlice {
    let start = batch.sideArena.count
    guard batch.appendJSON(before), try append(first, lowercased: true, &batch, at: offset), batch.appendJSON(between),
      try append(second, lowercased: true, &batch, at: offset), batch.appendJSON(behind)
    else { throw .noMemory(at: offset) }
    return Self.written(from: start, batch)
  }

  /// Both with a space between them, or the first alone.
  private mutating func pair(
    _ first: ByteSlice, _ second: ByteSlice, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) -> ByteSlice {
    if second.isEmpty { return first }
    let start = batch.sideArena.count
    guard try append(first, &batch, at: offset), batch.appendJSON(" "), try append(second, &batch, at: offset) else {
      throw .noMemory(at: offset)
    }
    return Self.written(from: start, batch)
  }
}
