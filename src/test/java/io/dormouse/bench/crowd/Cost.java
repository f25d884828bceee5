package io.dormouse.bench.crowd;

import io.dormouse.bench.Contender;
import io.dormouse.bench.Round;
import io.dormouse.bench.Setting;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What open and idle connections hold, beyond what the same library holds before its first: its
 * classes are loaded by a single connection, opened and closed before the count begins.
 */
public final class Cost implements Contender {
  private final What what;
  private final Setting setting;
  private final Crowd.Kind kind;
  private final int connections;

  /** What is counted. */
  enum What {
    /** Threads of the process, all connections together. */
    THREADS,
    /** Bytes of live objects for each connection. */
    HEAP,
    /** Bytes of memory that the system gives the process, for each connection. */
    RESIDENT;

    double now() throws IOException {
      return switch (this) {
        case THREADS -> ManagementFactory.getThreadMXBean().getThreadCount();
        case HEAP -> {
          collectGarbage();
          yield ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        }
        case RESIDENT -> {
          collectGarbage();
          yield residentBytes();
        }
      };
    }

    /** More than once, since what a cleaner or a finalizer lets go of is only then garbage. */
    private static void collectGarbage() {
      for (int i = 0; i < 4; i++) {
        System.gc();
        System.runFinalization();
      }
    }

    private static double residentBytes() throws IOException {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToDouble(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024.0)
          .findFirst()
          .orElse(Double.NaN);
    }
  }

  /** Words: what, the kind, and how many. */
  public Cost(Setting setting) {
    this.setting = setting;
    what = What.valueOf(setting.word(0));
    kind = Crowd.Kind.valueOf(setting.word(1));
    connections = setting.number(2);
  }

  @Override
  public Round play() throws Exception {
    what.now(); // so that what counting itself needs is there before
    try (Crowd first = Crowd.of(setting, kind, 2)) {
      first.open();
      first.leave();
    }
    double before = what.now();
    try (Crowd crowd = Crowd.of(setting, kind, connections)) {
      int missing = crowd.open();
      double after = what.now();
      crowd.leave();
      double held = after - before;
      return new Round(what == What.THREADS ? held : held / connections, missing);
    }
  }

  @Override
  public void close() {}
}
