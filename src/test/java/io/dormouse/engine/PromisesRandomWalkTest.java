package io.dormouse.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.callbacks.Callbacks;
import io.dormouse.connection.ConnectionState;
import io.dormouse.loop.InlineRuns;
import io.dormouse.loop.ManualLoop;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many random walks on virtual time, each of which checks the promises after every step. A walk
 * that fails says its seed; {@code -Dwalk.seed=...} walks that one alone, exactly the same way.
 */
class PromisesRandomWalkTest {
  private static final int WALKS = 1_000;
  private static final int WALKS_OVER_TLS = 100;

  /** What all walks together have seen. */
  private final Set<String> stepsHeard = ConcurrentHashMap.newKeySet();

  @Test
  @Timeout(300)
  void thePromisesHoldWhateverAppPeersAndCallbacksDo() {
    walkAll(FakeWalk::new);
  }

  @Test
  @Timeout(300)
  void thePromisesHoldForWholeStacksWhateverTheNetworkDoes() {
    walkAll(StackWalk::new);
  }

  /** Fewer, since each handshake takes some milliseconds of the processor. */
  @Test
  @Timeout(300)
  void thePromisesHoldForWholeStacksOverTls() {
    walkAll(WALKS_OVER_TLS, StackWalk::overTls);
  }

  @Test
  void theSameSeedIsTheSameWalk() {
    for (long seed = 1; seed <= 4; seed++) {
      checkSameAgain(seed, StackWalk::new);
      checkSameAgain(seed, StackWalk::overTls);
    }
  }

  private static void checkSameAgain(long seed, LongFunction<StackWalk> walks) {
    StackWalk first = walks.apply(seed);
    runWalk(seed, first);
    StackWalk again = walks.apply(seed);
    runWalk(seed, again);
    assertThat(again.fingerprint()).as("seed %s", seed).isEqualTo(first.fingerprint());
  }

  private void walkAll(LongFunction<Walk> walks) {
    walkAll(WALKS, walks);
    if (Long.getLong("walk.seed") == null) {
      assertThat(stepsHeard).as("the walks go everywhere").isEqualTo(legalSteps());
    }
  }

  private void walkAll(int most, LongFunction<Walk> walks) {
    Long seed = Long.getLong("walk.seed");
    if (seed != null) {
      walk(seed, walks);
    } else {
      LongStream.rangeClosed(1, most).parallel().forEach(each -> walk(each, walks));
    }
  }

  private void walk(long seed, LongFunction<Walk> walks) {
    Walk walk = walks.apply(seed);
    runWalk(seed, walk);
    stepsHeard.addAll(walk.stepsHeard());
  }

  private static void runWalk(long seed, Walk walk) {
    try {
      if (seed % 2 == 0) {
        walk.run();
      } else {
        runOnCallbackThread(walk::run);
      }
    } catch (AssertionError e) {
      throw new AssertionError(
          "the walk of seed " + seed + " failed; -Dwalk.seed=" + seed + " replays it", e);
    }
  }

  /** On a callback's thread, as most sends of an app are. */
  private static void runOnCallbackThread(Runnable walk) {
    Callbacks threads =
        Callbacks.withOwnThreads(
            new ManualLoop(), InlineRuns.NEVER, "walk-" + walk.hashCode(), Optional.empty());
    CompletableFuture<Void> done = new CompletableFuture<>();
    Executor thread = threads.serial("walk");
    thread.execute(
        () -> {
          try {
            walk.run();
            done.complete(null);
          } catch (Throwable e) {
            done.completeExceptionally(e);
          }
        });
    try {
      done.get(Duration.ofMinutes(5).toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError("on a callback's thread", e.getCause());
    } catch (Exception e) {
      throw new AssertionError("the walk does not end", e);
    } finally {
      threads.shutdown();
    }
  }

  private static Set<String> legalSteps() {
    Set<String> steps = new HashSet<>();
    for (ConnectionState from : ConnectionState.values()) {
      from.next().forEach(to -> steps.add(from + " -> " + to));
    }
    return steps;
  }
}
