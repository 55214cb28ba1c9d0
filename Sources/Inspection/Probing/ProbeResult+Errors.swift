import Addresses
import Diagnosis
import Platform

extension ProbeResult {
  static func outcome(_ number: CInt, _ place: SocketAddress) -> ProbeEvidence.Outcome {
    switch number {
    case ECONNREFUSED: .refused
    case ETIMEDOUT: .timedOut
    case EHOSTUNREACH, ENETUNREACH, EADDRNOTAVAIL, EAFNOSUPPORT, EHOSTDOWN, ENETDOWN: .unreachable
    // A packet filter that rejects answers a TCP connect with these too.
    case EACCES, EPERM: .notPermitted
    case ENOENT, ENOTDIR: .missing
    case EPROTOTYPE, ENOTSOCK: .wrongType
    case ENAMETOOLONG: .pathTooLong
    // Reset so early that the connection was never seen open.
    case ECONNRESET, EPIPE: .closedAtOnce
    // A unix socket whose queue is full: its owner does not take connections.
    case EAGAIN: .silent
    default: .failed
    }
  }
}
