import Platform
import Testing

@testable import Launching

@Suite struct `Signals as messages` {
  @Test func `come in order, with their sender, and ignored ones stay ignored`() throws {
    signal(SIGURG, SIG_IGN)
    let inbox = try SignalInbox([SIGUSR2, SIGWINCH, SIGURG])
    #expect(inbox.next() == nil)
    inbox.wait(atMost: .zero)
    kill(getpid(), SIGUSR2)
    kill(getpid(), SIGURG)
    kill(getpid(), SIGWINCH)
    var received: [ReceivedSignal] = []
    while received.count < 2 {
      inbox.wait(atMost: nil)
      if let signal = inbox.next() { received.append(signal) }
    }
    #expect(Set(received.map(\.number)) == [SIGUSR2, SIGWINCH])
    #expect(received.allSatisfy { $0.sender == getpid() })
    #expect(inbox.next() == nil)
  }
}
