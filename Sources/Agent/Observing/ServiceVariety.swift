import Control
import Statistics

/// How many different resources each service has, and whether their names hold identifiers.
enum ServiceVariety {
  /// So many resources have to differ in nothing but their identifiers before one of them is shown.
  static let likeResourcesMin = 3

  private struct Place: Hashable {
    let service: String
    let env: String
  }

  /// A row for each service and environment, over the spans that enter it; busiest first. None for test traces.
  static func rows(_ aggregate: LocalAggregate) -> [ServiceVarietyRow] {
    var hits: [Place: UInt64] = [:]
    var resources: [Place: [String: Set<String>]] = [:]
    for (key, cell) in aggregate.cells where key.isTopLevel && key.service != TestTraffic.service {
      let place = Place(service: key.service, env: key.env)
      hits[place, default: 0] &+= cell.hits
      resources[place, default: [:]][key.operation, default: []].insert(key.resource)
    }
    return resources.map { place, operations in
      let busiest = operations.max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }
      return ServiceVarietyRow(
        service: place.service, env: place.env, hits: hits[place] ?? 0,
        resources: operations.values.reduce(0) { $0 + $1.count }, busiestOperation: busiest?.key ?? "",
        idLikeResource: busiest.flatMap { idLike($0.value) })
    }.sorted { ($0.hits, $1.service, $1.env) > ($1.hits, $0.service, $0.env) }
  }

  /// The first by name of the resources that share a template with enough others.
  static func idLike(_ resources: Set<String>) -> String? {
    var byTemplate: [String: [String]] = [:]
    for resource in resources {
      if let template = IDLikeText.template(of: resource) { byTemplate[template, default: []].append(resource) }
    }
    let largest = byTemplate.max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }
    guard let group = largest?.value, group.count >= likeResourcesMin else { return nil }
    return group.min()
  }
}
