package io.dormouse.bench;

import io.dormouse.bench.load.LoadServer;
import io.dormouse.bench.load.Ports;
import io.dormouse.bench.micro.MicroRun;
import io.dormouse.bench.report.Page;
import io.dormouse.bench.report.Results;
import io.dormouse.bench.report.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures Dormouse beside what one would take instead, and beside the bare limit. Arguments: the
 * folder for the results, and optionally what the names of the contests to run begin with. The
 * system property {@code bench.page} may name a page that gets the table if all are run.
 */
public final class Bench {
  private static final Duration START = Duration.ofSeconds(20);

  private Bench() {}

  /** Runs all contests and writes the results. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path folder = Path.of(args[0]);
    String only = args.length > 1 ? args[1] : "";
    long begun = System.nanoTime();
    List<Contest> contests =
        Programme.contests().stream().filter(each -> each.name().startsWith(only)).toList();
    List<String> names = new ArrayList<>(contests.stream().map(Contest::name).toList());
    if (MicroRun.isAny(only)) {
      names.add(Progress.MICRO);
    }
    Progress progress = new Progress(names);
    List<Row> rows = new ArrayList<>();
    try (Child server = Child.start(LoadServer.class, List.of(), List.of())) {
      String ports =
          server
              .await("ports", START)
              .orElseThrow(() -> new IOException("the server did not start"));
      Match match = new Match(Ports.parse(ports));
      for (Contest contest : contests) {
        System.out.println(progress.next(since(begun)));
        List<Row> played = match.play(contest);
        played.forEach(row -> System.out.println(Results.line(row)));
        rows.addAll(played);
      }
    }
    if (MicroRun.isAny(only)) {
      System.out.println(progress.next(since(begun)));
    }
    List<Row> micro = MicroRun.rows(folder.resolve("stubs"), only);
    micro.forEach(row -> System.out.println(Results.line(row)));
    rows.addAll(micro);
    Duration took = since(begun);
    Results results = new Results(rows, took);
    results.write(folder);
    String page = System.getProperty("bench.page", "");
    if (only.isEmpty() && !page.isEmpty()) {
      Page.update(Path.of(page), results.markdown());
    }
    System.out.println("written to " + folder + " after " + took.toSeconds() + " s");
  }

  private static Duration since(long nanoTime) {
    return Duration.ofNanos(System.nanoTime() - nanoTime);
  }
}
