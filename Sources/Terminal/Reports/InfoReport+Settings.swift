import Control
import Text

/// The section of `roost info -v` about settings that change nothing.
extension InfoReport {
  func settingLines(_ drawing: Drawing) -> [String] {
    let settings = answer.configuration.settingsWithoutEffect
    guard !settings.isEmpty else { return [] }
    var table = Table([
      .init("SETTING WITHOUT EFFECT", .left), .init("WHERE", .left, isShrinkable: true), .init("WHY", .left),
      .init("ABOUT", .left, dropOrder: 1, isShrinkable: true),
    ])
    for setting in settings {
      table.add([
        .init(safeText(setting.name), setting.isForAgent ? .warning : .plain), .init(safeText(setting.origin)),
        .init(Self.why(setting.reason)), .init(safeText(setting.about)),
      ])
    }
    return table.lines(drawing)
  }

  private static func why(_ reason: String) -> String {
    switch reason {
    case "not_hidden": "not there yet: data passes as it came"
    case "not_yet": "not there yet"
    case "unknown": "nobody reads it"
    case "no_meaning": "nothing to change here"
    case "other_program": "for another program"
    default: safeText(reason)
    }
  }
}
