import Testing
import Text

@Suite struct `Names that are nearly alike` {
  @Test(
    arguments: [
      ("port", "port", 0), ("prot", "port", 1), ("prt", "port", 1), ("porrt", "port", 1), ("pxyt", "port", 2),
      ("abcd", "badc", 2), ("a", "abcd", nil), ("", "ab", 2), ("receiver_prot", "receiver_port", 1),
    ] as [(String, String, Int?)])
  func `slips of the hand are counted`(left: String, right: String, expected: Int?) {
    #expect(SpellingDistance.between(left, right) == expected)
    #expect(SpellingDistance.between(right, left) == SpellingDistance.between(left, right))
  }

  @Test func `give the nearest, and none for a word that is too short for its slips`() {
    #expect(SpellingDistance.nearest(to: "receiver_prot", of: ["receiver_port", "receiver_host"]) == "receiver_port")
    #expect(SpellingDistance.nearest(to: "prto", of: ["port", "part"]) == nil)
    #expect(SpellingDistance.nearest(to: "lag", of: ["tag", "log"]) == "log")
    #expect(SpellingDistance.nearest(to: "anything", of: []) == nil)
  }
}
