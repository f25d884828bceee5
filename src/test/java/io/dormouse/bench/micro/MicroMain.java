package io.dormouse.bench.micro;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * JMH's process. Its arguments are the classes of the benchmarks; it answers each method with a
 * line {@code result CLASS.METHOD VALUE…}, and ends when it is done or its input ends.
 */
public final class MicroMain {
  static final int WARM_UPS = 2;

  private static final int ROUNDS = 3;
  private static final TimeValue ROUND = TimeValue.milliseconds(500);

  private MicroMain() {}

  /** Runs the process. */
  public static void main(String[] args) throws RunnerException {
    Thread end = new Thread(MicroMain::awaitEndOfInput, "end of input");
    end.setDaemon(true);
    end.start();
    for (String benchmark : args) {
      for (RunResult result : new Runner(options(benchmark)).run()) {
        String values =
            result.getAggregatedResult().getIterationResults().stream()
                .map(round -> String.valueOf(round.getPrimaryResult().getScore()))
                .collect(Collectors.joining(" "));
        System.out.println("result " + result.getParams().getBenchmark() + " " + values);
      }
    }
  }

  private static Options options(String benchmark) {
    return new OptionsBuilder()
        .include("^" + benchmark.replace(".", "\\.") + "\\.")
        .mode(Mode.AverageTime)
        .timeUnit(TimeUnit.NANOSECONDS)
        .forks(1)
        .warmupIterations(WARM_UPS)
        .warmupTime(ROUND)
        .measurementIterations(ROUNDS)
        .measurementTime(ROUND)
        .timeout(TimeValue.seconds(10))
        .shouldFailOnError(false)
        .verbosity(VerboseMode.SILENT)
        .build();
  }

  private static void awaitEndOfInput() {
    try {
      while (System.in.read() >= 0) {
        // what is said means nothing, the end is what counts
      }
    } catch (IOException e) {
      System.err.println("the input could not be read: " + e);
    }
    System.exit(0);
  }
}
