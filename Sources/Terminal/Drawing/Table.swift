/// A table without boxes: columns two spaces apart, numbers to the right, never wider than it may be.
package struct Table: Sendable {
  /// One column and what may happen to it when the terminal is narrow.
  package struct Column: Sendable {
    /// Texts go left, numbers right.
    package enum Alignment: Sendable { case left, right }

    /// Heading of the column, in capitals, such as `ERR%`.
    package var title: String
    /// Of the title and of all cells.
    package var alignment: Alignment
    /// Columns with a higher number go first when the table is too wide; 0 stays.
    package var dropOrder: Int
    /// The column whose texts may lose their middle; the widest first, never below `shrunkWidthMin`.
    package var isShrinkable: Bool
    /// Columns that it takes at least unless it shrinks, so that tables below each other match.
    package var widthMin: Int

    /// A column of numbers unless it says otherwise.
    package init(
      _ title: String, _ alignment: Alignment = .right, dropOrder: Int = 0, isShrinkable: Bool = false,
      widthMin: Int = 0
    ) {
      self.title = title
      self.alignment = alignment
      self.dropOrder = dropOrder
      self.isShrinkable = isShrinkable
      self.widthMin = widthMin
    }
  }

  /// One field, with its text already safe for a terminal.
  package struct Cell: Sendable, ExpressibleByStringLiteral {
    /// As shown when the line is wide enough.
    package var text: String
    /// How its whole text stands out; shown only where `Drawing.colors` is true.
    package var style: Style

    /// A cell of `text`, which must be safe for a terminal, drawn as `style` says.
    package init(_ text: String, _ style: Style = .plain) {
      self.text = text
      self.style = style
    }

    /// A cell of a literal's text, drawn in the plain style.
    package init(stringLiteral text: String) { self.init(text) }
  }

  /// A shrinkable column keeps at least this many columns before others are dropped for it.
  package static let shrunkWidthMin = 24

  /// Where no width is set, texts in a shrinkable column are padded to this many columns at most: one long query must not
  /// move the numbers of all other rows out of sight.
  package static let paddedWidthMax = 60

  /// From left to right, before any is dropped for lack of width.
  package var columns: [Column]
  /// Each with a cell for every column; what is missing is empty.
  package var rows: [[Cell]] = []

  /// Takes the columns from left to right; rows are added later.
  package init(_ columns: [Column]) { self.columns = columns }

  /// Adds a row below the others.
  package mutating func add(_ cells: [Cell]) { rows.append(cells) }
}

/// How tables are drawn here and now.
package struct Drawing: Sendable {
  /// Columns of the terminal; `nil` sets no limit, as for a pipe.
  package var width: Int?
  /// Whether styles are written as escape sequences; false leaves plain text.
  package var colors: Bool
  /// Whether the columns' names are drawn.
  package var header: Bool

  /// No limit, no colours, with a header.
  package init(width: Int? = nil, colors: Bool = false, header: Bool = true) {
    self.width = width
    self.colors = colors
    self.header = header
  }
}
