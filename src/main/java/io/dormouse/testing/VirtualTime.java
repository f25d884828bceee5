package io.dormouse.testing;

import io.dormouse.loop.ManualLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The clock of a simulated world and all that runs by it. Nothing runs by itself: a thread that
 * waits for something lets time pass until it is so, and meanwhile runs on itself what is due. Each
 * of these is done until there is no more of it, in this order, again and again:
 *
 * <ol>
 *   <li>the network and its hosts
 *   <li>what the test has planned
 *   <li>unless the process is frozen: the app's timers and threads, the loop of each registry, its
 *       callbacks, the app's main thread
 * </ol>
 *
 * <p>Only then does the clock go on, to where the next timer is due.
 */
final class VirtualTime {
  /** What is not idle after so many rounds never will be. */
  private static final int MOST_ROUNDS = 100_000;

  private final ManualLoop network = new ManualLoop();
  private final ManualLoop app = new ManualLoop(network.nanoTime());

  /**
   * Who hears of its end, of each; any thread begins one, so it also guards what time they have.
   */
  private final Map<ManualLoop, Runnable> registries =
      Collections.synchronizedMap(new LinkedHashMap<>());

  private final Map<ManualLoop, Integer> told =
      new LinkedHashMap<>(); // how much of what was thrown
  private final TaskQueue script = new TaskQueue(true);
  private final TaskQueue timers = new TaskQueue(true);
  private final TaskQueue callbacks = new TaskQueue(true);
  private final TaskQueue main = new TaskQueue(false);
  private final long start = network.nanoTime();
  private BooleanSupplier wakes = () -> false;
  private boolean frozen;
  private @Nullable Thread driver; // guarded by this
  private int depth; // of the driver; guarded by this

  /** Returns where the network is. */
  ManualLoop network() {
    return network;
  }

  /** Returns where the app's timers and threads are. */
  ManualLoop app() {
    return app;
  }

  /** Returns where the test's own plans are carried out: never on a loop. */
  TaskQueue script() {
    return script;
  }

  /** Returns where the app's timers run what is due. */
  TaskQueue timers() {
    return timers;
  }

  /** Returns where callbacks run: as on many threads, of which one runs at a time. */
  TaskQueue callbacks() {
    return callbacks;
  }

  /** Returns the app's main thread. */
  TaskQueue main() {
    return main;
  }

  /**
   * Has something called in each round, with the process not frozen: whether it has woken anybody.
   */
  void wakeBy(BooleanSupplier newWakes) {
    wakes = newWakes;
  }

  /**
   * Makes the loop of a registry.
   *
   * @param onEnd is called once it has ended
   */
  ManualLoop newLoop(Runnable onEnd) {
    synchronized (registries) {
      ManualLoop loop = new ManualLoop(network.nanoTime());
      registries.put(loop, onEnd);
      return loop;
    }
  }

  /** Returns how much time has passed, in nanoseconds. */
  long nanos() {
    return network.nanoTime() - start;
  }

  // ------------------------------------------------------------------------------ who lets it pass

  /** Lets so much time pass, and runs what is due meanwhile. */
  void advance(long nanos) {
    boolean unused = await(() -> false, nanos);
  }

  /**
   * Lets time pass until it is so, and so much at most; looks whenever all that is due has run.
   * Returns whether it is so.
   */
  boolean await(BooleanSupplier over, long nanos) {
    enter();
    try {
      long end = nanos() + nanos;
      run();
      while (!over.getAsBoolean()) {
        OptionalLong next = nanosToNext();
        long left = end - nanos(); // below 0 if what ran has let time pass itself
        if (!next.isPresent() || next.getAsLong() > left) {
          pass(Math.max(0, left));
          return false;
        }
        pass(next.getAsLong());
        run();
      }
      return true;
    } finally {
      leave();
    }
  }

  /** Lets time pass with the process frozen, and then runs what has become due in it. */
  void freeze(long nanos) {
    enter();
    try {
      run();
      boolean before = frozen;
      frozen = true;
      try {
        advance(nanos);
      } finally {
        frozen = before;
      }
      run();
    } finally {
      leave();
    }
  }

  /** Throws if another thread lets time pass. */
  synchronized void checkMayWait() {
    Thread current = Thread.currentThread();
    if (depth > 0 && driver != current) {
      throw new IllegalStateException(
          current
              + " can't let time pass, since "
              + driver
              + " does; use SimulatedWorld.threads()");
    }
  }

  private synchronized void enter() {
    checkMayWait();
    for (ManualLoop each : loops()) {
      if (each.inLoop()) {
        throw new IllegalStateException(
            "a host can't let time pass; SimulatedWorld.after(…) does something later");
      }
    }
    driver = Thread.currentThread();
    depth++;
  }

  private synchronized void leave() {
    depth--;
    if (depth == 0) {
      driver = null;
    }
  }

  // ------------------------------------------------------------------------------------ running

  private List<ManualLoop> loops() {
    List<ManualLoop> all = new ArrayList<>(registries.keySet());
    all.add(0, app);
    all.add(0, network);
    return all;
  }

  private void run() {
    for (int rounds = 0; runOnce(); rounds++) {
      if (rounds == MOST_ROUNDS) {
        throw new AssertionError("not idle after " + rounds + " rounds at one time");
      }
    }
  }

  private boolean runOnce() {
    boolean any = run(network);
    any |= script.runAll();
    if (!frozen) {
      any |= run(app);
      any |= timers.runAll();
      for (ManualLoop each : List.copyOf(registries.keySet())) {
        any |= run(each);
      }
      any |= callbacks.runAll();
      any |= main.runAll();
      any |= wakes.getAsBoolean();
    }
    return any;
  }

  private boolean run(ManualLoop loop) {
    if (!loop.hasWork()) {
      return false;
    }
    loop.run();
    Runnable onEnd = loop.hasEnded() ? registries.remove(loop) : null;
    if (onEnd != null) {
      onEnd.run();
    }
    List<Throwable> thrown = loop.thrown();
    Integer before = told.put(loop, thrown.size());
    if (thrown.size() > (before == null ? 0 : before)) {
      Throwable last = thrown.get(thrown.size() - 1);
      throw new AssertionError("what a host or a thread of the world did threw " + last, last);
    }
    return true;
  }

  private OptionalLong nanosToNext() {
    OptionalLong first = OptionalLong.empty();
    for (ManualLoop each : frozen ? List.of(network) : loops()) {
      OptionalLong next = each.nanosToNextTimer();
      if (next.isPresent() && (!first.isPresent() || next.getAsLong() < first.getAsLong())) {
        first = next;
      }
    }
    return first;
  }

  private void pass(long nanos) {
    synchronized (registries) {
      for (ManualLoop each : loops()) {
        each.stall(Duration.ofNanos(nanos));
      }
    }
  }
}
