import Control
import Text

/// What `roost top` shows and what keys do to it. Decides everything and touches neither terminal nor agent.
package struct TopScreen: Sendable {
  /// What a key asks of whoever runs the screen.
  package enum Action: Sendable, Equatable {
    /// What is seen has changed, and is to be drawn.
    case draw
    /// What is shown is another thing: query at once.
    case query
    case quit
  }

  /// One place on the way from the services to a trace, with where a person stood in it.
  struct Level: Sendable {
    var place: TopPlace
    /// The id of the row that keys act on; `nil` is the first one.
    var selected: String?
    /// The first row, or line of a trace, that is seen.
    var offset = 0
    var filter = ""
    /// Among the columns that can be sorted by.
    var sort: Int
    var isReversed = false
    var data: TopData?
    /// The rows of `data`; `nil` for a trace, and before the first answer.
    var table: TopTable?

    init(_ place: TopPlace) {
      self.place = place
      // The rate; of traces the start.
      sort = if case .traces = place { 0 } else { 2 }
    }
  }

  /// The way to what is shown, never empty.
  private(set) var levels: [Level]
  private(set) var window = TopWindow.minute
  private(set) var isPaused = false
  private(set) var showsHelp = false
  /// Whether what is typed goes into the filter.
  private(set) var isTyping = false
  /// Why there is nothing new; `nil` while there is.
  private(set) var problem: String?
  private(set) var arrivals = ArrivalHistory()
  /// Whether a trace is shown with all tags.
  private var isVerbose = false
  /// A trace's lines are as wide as the terminal was.
  private var isStale = false
  /// Lines below the heading that rows have, as they were drawn last.
  private(set) var pageRows = 10

  /// Starts with the services, or with the resources of one.
  /// - Parameter env: of that service; `nil` is any.
  package init(service: String? = nil, env: String? = nil) {
    levels = [Level(.services)]
    if let service { levels.append(Level(.resources(service: service, env: env))) }
  }

  var level: Level {
    get { levels[levels.count - 1] }
    set { levels[levels.count - 1] = newValue }
  }

  /// What is to be queried now; `nil` while nothing is to change.
  package var request: TopRequest? {
    if level.data != nil, !isStale {
      if isPaused { return nil }
      // A trace stays as it is.
      if case .trace = level.place { return nil }
    }
    let isTraces = if case .traces = level.place { true } else { false }
    return TopRequest(
      place: level.place, window: window, longestFirst: isTraces && level.sort == 1, isVerbose: isVerbose)
  }

  /// Takes an answer, unless a key has led elsewhere meanwhile.
  package mutating func take(_ data: TopData, for request: TopRequest) {
    guard request.place == level.place else { return }
    problem = nil
    isStale = false
    level.data = data
    switch data {
    case .services(let answer, let series):
      arrivals.add(series)
      level.table = TopTable(answer, arrivals)
    case .resources(let answer, let series):
      arrivals.add(series)
      level.table = TopTable(answer, arrivals)
    case .traces(let answer): level.table = TopTable(answer)
    case .trace: level.table = nil
    }
  }

  /// Takes why there is no answer: one sentence, safe for a terminal.
  package mutating func fail(_ reason: String) { problem = reason }

  var table: TopTable? { level.table }

  /// The rows of the table in the order in which they are seen.
  func rows(of table: TopTable) -> [TopRow] {
    table.shown(filter: level.filter, sort: sort(of: table), isReversed: level.isReversed)
  }

  func sort(of table: TopTable) -> Int { min(level.sort, table.sortable.count - 1) }

  /// Does what a key is for.
  package mutating func handle(_ key: ScreenKey) -> Action {
    if isTyping { return type(key) }
    if showsHelp {
      showsHelp = false
      return key == .character("q") ? .quit : .draw
    }
    switch key {
    case .up, .character("k"): return move(by: -1)
    case .down, .character("j"): return move(by: 1)
    case .pageUp: return move(by: -pageRows)
    case .pageDown: return move(by: pageRows)
    case .home, .character("g"): return move(by: -Int(Int32.max))
    case .end, .character("G"): return move(by: Int(Int32.max))
    case .enter, .right, .character("l"): return open()
    case .escape, .left, .backspace, .character("h"): return back()
    case .character(let character): return command(character)
    case .resize:
      if case .trace = level.place { isStale = true }
      return isStale ? .query : .draw
    }
  }

  private mutating func command(_ character: Character) -> Action {
    switch character {
    case "q": return .quit
    case "?": showsHelp = true
    case "p", " ":
      isPaused.toggle()
      return isPaused ? .draw : .query
    case "w":
      window = window.next
      return .query
    case "/": (isTyping, level.filter) = (true, "")
    case "s", "S": return sort(by: character == "s" ? 1 : -1)
    case "r": level.isReversed.toggle()
    case "t": return openTraces()
    case "v":
      guard case .trace = level.place else { return .draw }
      (isVerbose, isStale) = (!isVerbose, true)
      return .query
    default: break
    }
    return .draw
  }

  private mutating func type(_ key: ScreenKey) -> Action {
    switch key {
    case .enter: isTyping = false
    case .escape: (isTyping, level.filter) = (false, "")
    case .backspace: level.filter = String(level.filter.dropLast())
    case .character(let character) where level.filter.count < Self.filterMax: level.filter.append(character)
    case .up: return move(by: -1)
    case .down: return move(by: 1)
    default: break
    }
    return .draw
  }

  /// Characters of a filter at most: more than a person types.
  private static let filterMax = 200

  private mutating func sort(by step: Int) -> Action {
    guard let table else { return .draw }
    level.sort = (sort(of: table) + step + table.sortable.count) % table.sortable.count
    level.isReversed = false
    // The longest traces of all are not among the newest.
    if case .traces = level.place { return .query }
    return .draw
  }

  private mutating func move(by step: Int) -> Action {
    guard let table else {
      level.offset = max(0, level.offset + step)
      return .draw
    }
    let rows = rows(of: table)
    guard !rows.isEmpty else { return .draw }
    let index = min(max(selection(in: rows) + step, 0), rows.count - 1)
    level.selected = rows[index].id
    return .draw
  }

  /// The position of the selected row; of one that is gone, the first.
  func selection(in rows: [TopRow]) -> Int { rows.firstIndex { $0.id == level.selected } ?? 0 }

  private var selectedRow: TopRow? {
    guard let table else { return nil }
    let rows = rows(of: table)
    return rows.isEmpty ? nil : rows[selection(in: rows)]
  }

  private mutating func open() -> Action {
    guard let row = selectedRow else { return .draw }
    level.selected = row.id
    return enter(row.target)
  }

  /// From a service to its traces without its resources between.
  private mutating func openTraces() -> Action {
    guard let row = selectedRow else { return .draw }
    level.selected = row.id
    if case .resources(let service, let env) = row.target {
      return enter(.traces(TopTraceScope(service: service, resource: nil, env: env)))
    }
    return enter(row.target)
  }

  private mutating func enter(_ place: TopPlace) -> Action {
    levels.append(Level(place))
    arrivals = ArrivalHistory()
    problem = nil
    return .query
  }

  private mutating func back() -> Action {
    if !level.filter.isEmpty {
      level.filter = ""
      return .draw
    }
    guard levels.count > 1 else { return .draw }
    levels.removeLast()
    arrivals = ArrivalHistory()
    problem = nil
    return .query
  }

  /// Remembers how many rows were seen, and which was the first.
  mutating func drew(rows: Int, offset: Int) {
    pageRows = max(1, rows)
    level.offset = offset
  }
}
