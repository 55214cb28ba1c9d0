import Platform
import Synchronization

/// Keeps on disk what changes all the time, a little behind, so that a sudden end of the agent loses little of it: a file for
/// each thing, which grows by what has changed and is removed as a whole when the thing is safe elsewhere.
///
/// It knows bytes only. A thread that is there only while there is something to do does all of it, in the order in which it was
/// told. Nothing is forced to the disk: what a machine loses that ends suddenly is lost. While nothing is kept there is no
/// file, no folder and no thread.
package final class Checkpoints: Sendable {
  private struct State {
    /// `nil` while there is no file.
    var lock: FolderLock?
    var files: [UInt64: JournalSegment] = [:]
    /// Those of earlier agents that are not removed yet.
    var earlier: Set<UInt64> = []
    /// The number of a file in its name is this and the owner's number.
    var firstNumber: UInt64 = 0
    var isFailing = false
  }

  private let folder: String
  private let bytesMax: Int
  private let identity: [UInt8]
  private let report: @Sendable (String) -> Void
  private let threads = OnDemandThreads(name: "roost-open", threadsMax: 1, waitingMax: 4_096)
  private let state = Lock(State())
  /// Changes that were handed over and not written yet.
  private let waiting = Atomic<Int>(0)
  private let hasFailed = Atomic<Bool>(false)

  /// - Parameters:
  ///   - folder: made when there is something to keep, and removed with the last of it.
  ///   - bytesMax: of all files.
  ///   - identity: of what wrote them; files of another one mean nothing here.
  ///   - report: a line for the log when something cannot be kept; not again before something could.
  package init(folder: String, bytesMax: Int, identity: String, report: @escaping @Sendable (String) -> Void) {
    self.folder = folder
    self.bytesMax = bytesMax
    self.identity = Array(identity.utf8.prefix(JournalHead.descriptionBytesMax))
    self.report = report
  }

  /// Whether the disk is behind: nothing should be handed over before it has caught up.
  package var isBusy: Bool { waiting.load(ordering: .relaxed) > 0 }

  /// Whether something was handed over since the last time and not written.
  package func takeFailure() -> Bool { hasFailed.exchange(false, ordering: .relaxed) }

  /// Adds what has changed to a file, which is made for the first of it; never blocks.
  /// - Parameters:
  ///   - file: a number that the owner gives out once, from 1 on.
  ///   - startNs: what the file is about, in ns since 1970: the same each time.
  package func append(_ change: [UInt8], to file: UInt64, startNs: Int64) {
    waiting.add(1, ordering: .relaxed)
    threads.run({ [self] in
      write(change, file, startNs)
      waiting.subtract(1, ordering: .relaxed)
    }) { [self] in
      hasFailed.store(true, ordering: .relaxed)
      waiting.subtract(1, ordering: .relaxed)
    }
  }

  /// Removes files: what they are about is safe elsewhere. Never blocks, but where the disk has hung for an hour.
  package func remove(_ files: [UInt64]) {
    guard !files.isEmpty else { return }
    let work: @Sendable () -> Void = { [self] in
      state.withLock { state in
        for file in files where state.files.removeValue(forKey: file) != nil { removeFile(file &+ state.firstNumber) }
        closeIfEmpty(&state)
      }
    }
    threads.run(work, orRefuse: work)
  }

  /// Ends what was begun, and waits for it until the deadline. What is left in files then is a later agent's.
  package func stop(deadline: ContinuousClock.Instant) {
    if threads.threadCount > 0, let ended = try? WakePipe() {
      threads.run({ ended.wake() }, orRefuse: { ended.wake() })
      _ = ended.waitUntilWoken(atMost: max(.zero, deadline - .now))
    }
    threads.stop(deadline: deadline)
  }

  private func write(_ change: [UInt8], _ file: UInt64, _ startNs: Int64) {
    let failure = state.withLock { state -> (isNews: Bool, reason: String)? in
      do throws(JournalError) {
        let bytes = JournalHead.byteCount + identity.count + change.count
        guard state.files.values.reduce(bytes, { $0 + $1.end }) <= bytesMax else {
          throw .system(SystemError("write", EDQUOT), path: folder)
        }
        let segment = try openFile(file, &state)
        let sum = identity.withUnsafeBytes { identity in
          change.withUnsafeBytes { JournalChecksum.of(identity, $0) }
        }
        let head = JournalHead(
          .request, lane: 0, sequence: file, receivedNs: startNs, descriptionBytes: identity.count,
          bodyBytes: change.count, restChecksum: sum)
        try segment.append([head.bytes(segment.sign) + identity, change])
        state.isFailing = false
        return nil
      } catch {
        closeIfEmpty(&state)
        defer { state.isFailing = true }
        return (!state.isFailing, "\(error)")
      }
    }
    guard let failure else { return }
    hasFailed.store(true, ordering: .relaxed)
    if failure.isNews { report(failure.reason) }
  }

  private func openFile(_ file: UInt64, _ state: inout State) throws(JournalError) -> JournalSegment {
    if let open = state.files[file] { return open }
    try lock(&state)
    let segment = try JournalSegment(
      creating: file &+ state.firstNumber, run: 1, in: folder, isNameDurable: false)
    state.files[file] = segment
    return segment
  }

  /// Whatever lies in the folder then is of agents that have ended.
  private func lock(_ state: inout State) throws(JournalError) {
    guard state.lock == nil else { return }
    do throws(FolderLock.Failure) {
      state.lock = try FolderLock(folder: folder)
    } catch {
      switch error {
      case .system(let error, let path): throw .system(error, path: path)
      case .inUse(let path): throw .inUse(path: path)
      }
    }
    // Numbers go up also when the folder was empty for a while: the owner's do.
    let numbers = try JournalFolder.segmentNumbers(in: folder)
    state.firstNumber = max(state.firstNumber, numbers.last ?? 0)
  }

  private func removeFile(_ number: UInt64) { unlink(JournalSegment.path(folder, number)) }

  private func closeIfEmpty(_ state: inout State) {
    if state.files.isEmpty, state.earlier.isEmpty { state.lock = nil }
  }
}

/// What agents have left that ended suddenly.
extension Checkpoints {
  /// One file of an earlier agent.
  package struct Left: Sendable {
    /// By which it is removed.
    package let number: UInt64
    fileprivate let folder: String
    fileprivate let identity: [UInt8]

    /// What was found in a file.
    package struct Found: Sendable, Equatable {
      /// What the file is about, in ns since 1970; `nil` when nothing is in it.
      package var startNs: Int64?
      /// Something in it is of another identity.
      package var isForeign = false
      /// Something before its last change could not be read. The last one was being written when the agent ended.
      package var isDamaged = false
    }

    /// Calls `body` with what has changed, the oldest first.
    /// - Throws: when it cannot be read now.
    package func forEachChange(_ body: ([UInt8]) -> Void) throws(JournalError) -> Found {
      var result = Found()
      let segment: JournalSegment
      switch try JournalSegment.open(number, in: folder) {
      case .segment(let opened): segment = opened
      case .empty: return result
      case .foreign:
        result.isForeign = true
        return result
      }
      var place = JournalSegment.headBytes
      while let found = try segment.nextEntry(from: place) {
        place = found.entry.end
        if found.isDamaged { result.isDamaged = true }
        let described = found.entry.head.descriptionBytes
        guard found.rest.prefix(described).elementsEqual(identity) else {
          result.isForeign = true
          continue
        }
        result.startNs = found.entry.head.receivedNs
        body(Array(found.rest[described...]))
      }
      return result
    }
  }

  /// Calls `take` with what is left, on the thread and before anything is written, where something is.
  package func recover(_ take: @escaping @Sendable ([Left]) -> Void) {
    guard JournalFolder.isLeft(in: folder) else { return }
    threads.run({ [self] in
      let found = state.withLock { state -> Result<[UInt64], JournalError> in
        do throws(JournalError) {
          try lock(&state)
          let numbers = try JournalFolder.segmentNumbers(in: folder)
          state.earlier = Set(numbers)
          closeIfEmpty(&state)
          return .success(numbers)
        } catch {
          state.isFailing = true
          return .failure(error)
        }
      }
      switch found {
      case .success(let numbers): take(numbers.map { Left(number: $0, folder: folder, identity: identity) })
      case .failure(let error): report("\(error)")
      }
    }) {}
  }

  /// Removes what earlier agents have left, once that is safe elsewhere.
  package func remove(_ left: [Left]) {
    guard !left.isEmpty else { return }
    let work: @Sendable () -> Void = { [self] in
      state.withLock { state in
        for one in left where state.earlier.remove(one.number) != nil { removeFile(one.number) }
        closeIfEmpty(&state)
      }
    }
    threads.run(work, orRefuse: work)
  }
}
