import Platform

StandardStreams.fillGaps()
exit(RoostProgram.run(Array(CommandLine.arguments.dropFirst())).rawValue)
