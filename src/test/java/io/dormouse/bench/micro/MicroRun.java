package io.dormouse.bench.micro;

import io.dormouse.bench.Child;
import io.dormouse.bench.report.Row;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs the benchmarks of JMH. */
public final class MicroRun {
  /** For all of them together. */
  private static final Duration LIMIT = Duration.ofSeconds(75);

  private MicroRun() {}

  /**
   * Returns the rows.
   *
   * @param folder for JMH's stubs
   * @param only what the names of the rows begin with
   */
  public static List<Row> rows(Path folder, String only) throws IOException, InterruptedException {
    List<Micro> chosen = chosen(only);
    if (chosen.isEmpty()) {
      return List.of();
    }
    Stubs.make(folder, chosen.stream().<Class<?>>map(Micro::benchmark).toList());
    Map<String, List<Double>> results = results(folder, chosen);
    return chosen.stream().flatMap(micro -> micro.rows(results).stream()).toList();
  }

  /** Returns whether there are rows whose names begin so. */
  public static boolean isAny(String only) {
    return !chosen(only).isEmpty();
  }

  private static List<Micro> chosen(String only) {
    return Micro.ALL.stream().filter(micro -> micro.name().startsWith(only)).toList();
  }

  private static Map<String, List<Double>> results(Path folder, List<Micro> chosen)
      throws IOException, InterruptedException {
    Map<String, List<Double>> results = new HashMap<>();
    List<String> awaited = chosen.stream().flatMap(micro -> micro.methods().stream()).toList();
    long deadline = System.nanoTime() + LIMIT.toNanos();
    try (Child jmh = start(folder, chosen)) {
      while (!results.keySet().containsAll(awaited)) {
        Duration left = Duration.ofNanos(deadline - System.nanoTime());
        Optional<String> line = jmh.await("result", left);
        if (line.isEmpty()) {
          break; // no time is left, or JMH has ended
        }
        Micro.read(line.get(), results);
      }
    }
    return results;
  }

  private static Child start(Path folder, List<Micro> chosen) throws IOException {
    String classPath = folder + File.pathSeparator + System.getProperty("java.class.path");
    return Child.start(
        MicroMain.class,
        // No lock: what else is measured at this moment is not in our hands.
        List.of("-Djmh.ignoreLock=true", "-classpath", classPath),
        chosen.stream().map(micro -> micro.benchmark().getName()).toList());
  }
}
