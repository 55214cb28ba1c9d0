import JSON

extension DoctorReport {
  /// `roost.doctor.v1`: findings worst first, without those that only follow from another.
  package var document: JSONValue {
    let findings = examination.findings.map { finding in
      JSONValue.object([
        ("id", .string(finding.id)), ("severity", .string(finding.severity.name)), ("title", .string(finding.title)),
        ("because", .array(finding.because.map(JSONValue.string))), ("fix", .array(finding.fix.map(JSONValue.string))),
      ])
    }
    let notChecked = examination.notChecked.map { skipped in
      JSONValue.object([("id", .string(skipped.id)), ("why", .string(skipped.why))])
    }
    return .object([
      ("schema", .string("roost.doctor.v1")), ("findings", .array(findings)),
      ("checked", .int(Int64(examination.checked))), ("not_checked", .array(notChecked)),
    ])
  }
}
