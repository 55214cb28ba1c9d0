/// What of a URL is removed. Its user and password always are.
package struct URLOptions: Sendable, Equatable {
  /// Cuts the query off; the `?` stays.
  package var removesQueryString = false
  /// Replaces each part of the path that holds a digit by `?`.
  package var removesPathsWithDigits = false

  package init() {}
}
