/// What a request is answered with, before it becomes bytes on a connection.
enum PageAnswer {
  /// A file of the page.
  case file(PageFile)
  /// The browser has this version of the file already.
  case unchanged(PageFile)
  /// A document of the API, or a text for people who typed an address that is none.
  case document(status: UInt16, APIDocument)
  /// Server-sent events, until one side ends.
  case events
  /// What the doctor says, when it has said it.
  case doctor
  /// A document of the API that may take long to make: with `PageRoutes.document`.
  case search(PageTarget)

  static func problem(_ problem: APIProblem) -> PageAnswer {
    .document(status: problem.status, APIDocument(json: problem.document))
  }

  static func text(status: UInt16, _ text: String) -> PageAnswer {
    .document(status: status, APIDocument(text: text + "\n"))
  }
}

/// A document that another thread has made.
struct MadeAnswer: Sendable {
  let status: UInt16
  let document: APIDocument

  init(status: UInt16, _ document: APIDocument) {
    self.status = status
    self.document = document
  }

  init(_ problem: APIProblem) { self.init(status: problem.status, APIDocument(json: problem.document)) }
}

/// Which answer belongs to which path.
struct PageRoutes: Sendable {
  let api: APIAnswers

  /// The answer to a request that the guard has let through.
  func answer(_ head: RequestHead) -> PageAnswer {
    guard let target = head.target else {
      return .text(status: 400, "this address cannot be read")
    }
    let segments = target.segments
    if segments == ["metrics"] { return metrics() }
    if target.isOfAPI { return apiAnswer(segments, target) }
    if let file = Self.isView(segments) ? PageFile.document : PageFile.named(segments.joined(separator: "/")) {
      return head.knownVersion == file.version ? .unchanged(file) : .file(file)
    }
    return .text(status: 404, "there is nothing here; the page begins at /")
  }

  /// The agent's own metrics, where Prometheus looks for them.
  private func metrics() -> PageAnswer {
    do throws(APIProblem) {
      return .document(status: 200, try api.metrics())
    } catch {
      return .problem(error)
    }
  }

  private func apiAnswer(_ segments: [String], _ target: PageTarget) -> PageAnswer {
    let path = segments.dropFirst(2)
    guard segments.count > 2, segments[1] == "v1" else { return .problem(Self.nothing) }
    if path.count == 1, target.query.isEmpty {
      if path.first == "events" { return .events }
      if path.first == "doctor" { return .doctor }
    }
    if api.mayTakeLong(path, target) { return .search(target) }
    let made = document(target)
    return .document(status: made.status, made.document)
  }

  /// The document of the API that a target is for.
  func document(_ target: PageTarget) -> MadeAnswer {
    do throws(APIProblem) {
      guard let document = try api.document(target.segments.dropFirst(2), target) else { throw Self.nothing }
      return MadeAnswer(status: 200, document)
    } catch {
      return MadeAnswer(error)
    }
  }

  private static let nothing = APIProblem("not_found", "the API has no such path; see docs/api.md", status: 404)

  /// Paths that the page's own script makes a view of.
  private static func isView(_ segments: [String]) -> Bool {
    switch segments.first {
    case nil: true
    case "services", "t": segments.count == 2
    case "traces", "setup": segments.count == 1
    default: false
    }
  }
}
