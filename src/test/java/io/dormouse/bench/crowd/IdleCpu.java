package io.dormouse.bench.crowd;

import io.dormouse.bench.Contender;
import io.dormouse.bench.Round;
import io.dormouse.bench.Setting;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * CPU seconds that the threads of the library use while it is suspended. The JVM's own threads are
 * not counted: they tick in an empty process too.
 */
public final class IdleCpu implements Contender {
  private final Crowd crowd;
  private final int seconds;

  /** Words: how many connections, and for how many seconds. */
  public IdleCpu(Setting setting) {
    crowd = Crowd.of(setting, Crowd.Kind.BOTH, setting.number(0));
    seconds = setting.number(1);
  }

  @Override
  public Round play() throws Exception {
    int missing = crowd.open() + crowd.leave();
    Map<Long, Long> before = cpuNanos();
    TimeUnit.SECONDS.sleep(seconds); // the time is the work: nothing is to happen in it
    long used = 0;
    for (Map.Entry<Long, Long> thread : cpuNanos().entrySet()) {
      used += thread.getValue() - before.getOrDefault(thread.getKey(), 0L);
    }
    return new Round(Math.round(used / 1e7) / 100.0, missing);
  }

  /** CPU nanoseconds of each thread, without the calling one. */
  private static Map<Long, Long> cpuNanos() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    return Arrays.stream(threads.getAllThreadIds())
        .filter(id -> id != Thread.currentThread().getId())
        .boxed()
        .collect(
            Collectors.toMap(
                id -> id,
                id -> Math.max(0, threads.getThreadCpuTime(id)),
                (a, b) -> a,
                TreeMap::new));
  }

  @Override
  public void close() throws IOException {
    crowd.close();
  }
}
