import Configuration
import JSON
import Terminal
import Text

/// What `roost config show` prints: the options in force, in the order of the documentation. Holds no secret.
struct ConfigurationListing: JSONDocument {
  static let schema = "roost.config.v1"

  struct Option: Codable {
    let name: String
    /// As it is written in a file; of a secret only its end, of an address not the password.
    let value: String
    /// The file and line, the variable, or `default`.
    let origin: String
    let isSet: Bool
  }

  /// What was read; `null` when there was no file.
  let file: String?
  let options: [Option]

  init(_ inForce: ConfigurationInForce, isOfSetOnly: Bool) {
    file = inForce.file?.path
    let loaded = inForce.loaded
    options = OptionTable.options.compactMap { option in
      let origin = loaded.origin(of: option.name)
      guard !isOfSetOnly || origin != .standard else { return nil }
      return Option(
        name: option.name, value: loaded.shownText(of: option), origin: "\(origin)", isSet: origin != .standard)
    }
  }

  /// A row for each option.
  var table: Table {
    var table = Table([
      Table.Column("OPTION", .left), Table.Column("VALUE", .left, isShrinkable: true),
      Table.Column("SET BY", .left, dropOrder: 1),
    ])
    for option in options {
      let style = option.isSet ? Style.plain : .faint
      table.add([
        .init(safeText(option.name), style), .init(safeText(option.value), style),
        .init(safeText(option.origin), style),
      ])
    }
    return table
  }
}
