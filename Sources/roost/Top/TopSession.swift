import Curses
import Launching
import Platform
import Terminal

/// Runs `roost top`: a key, an answer or a second at a time, until it is quit.
final class TopSession {
  /// How often numbers are new.
  private static let period = Duration.seconds(1)
  /// What ends it; the terminal is given back before they do what they usually do.
  private static let endings = [SIGINT, SIGTERM, SIGHUP]

  private let queries: TopQueries
  private let screen: CursesScreen
  private let inbox: SignalInbox
  private let colors: Bool
  private var top: TopScreen

  init(_ top: TopScreen, _ queries: TopQueries, colors: Bool) throws(CommandFailure) {
    self.top = top
    self.queries = queries
    self.colors = colors
    do { inbox = try SignalInbox(Self.endings) } catch { throw CommandFailure(.temporary, "\(error)") }
    do { screen = try CursesScreen(colors: colors) } catch { throw CommandFailure(error) }
  }

  /// - Returns: the signal that ended it; `nil` when a key did.
  func run() -> Int32? {
    var nextQuery = ContinuousClock.now
    draw()
    while true {
      if ContinuousClock.now >= nextQuery {
        query()
        nextQuery = .now + Self.period
        draw()
      }
      inbox.wait(atMost: max(.zero, nextQuery - .now), input: STDIN_FILENO)
      while let signal = inbox.next() {
        if Self.endings.contains(signal.number) { return signal.number }
      }
      var isChanged = false
      for key in screen.keys() {
        switch top.handle(key) {
        case .quit: return nil
        case .query: nextQuery = .now
        case .draw: break
        }
        isChanged = true
      }
      if isChanged { draw() }
    }
  }

  private func query() {
    guard let request = top.request else { return }
    do throws(CommandFailure) {
      top.take(try queries.answer(request, Drawing(width: screen.size.width, colors: colors)), for: request)
    } catch {
      top.fail(error.message)
    }
  }

  private func draw() {
    let size = screen.size
    screen.draw(top.lines(width: size.width, height: size.height, colors: colors))
  }
}

extension CommandFailure {
  fileprivate init(_ error: CursesError) {
    switch error {
    case .noLibrary: self.init(.noLibrary, "roost top needs ncurses: \(error)")
    case .unknownTerminal:
      self.init(.usage, "\(error)", hint: "Set it, as in: TERM=xterm-256color roost top")
    }
  }
}
