import Control

/// Where a run speaks to its user. The command that is run has standard output for itself.
package protocol RunOutput {
  /// A sentence, behind the program's name.
  func report(_ text: String)
  /// The line of the first trace, with a mark before it.
  func reportFirstTrace(_ text: String)
  /// A trace that has ended, in few lines.
  func showTrace(_ trace: TraceAnswer)
  /// The services, resources and traces that were sent, with lines above and below.
  func showTables(_ tables: RunTables, above: [String], below: [String])
}
