package io.dormouse.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.support.Sneaky;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@link InlineRuns} promises, on top of a loop. Every loop passes this suite. */
abstract class InlineRunsContractTest extends LoopContractTest {
  /** Far more than makes any loop run work inline. */
  private static final int MANY = 1_000;

  /** The loop, as what runs work inline. */
  abstract InlineRuns inline();

  /** Lets time pass. */
  abstract void pass(Duration time);

  /** What is handed in after this runs inline, unless the system gives the loop no time. */
  private void runManyInline() {
    for (int i = 0; i < MANY; i++) {
      inline().runInline(() -> {}, Runnable::run);
    }
  }

  /**
   * Lets the loop do this until something ran inline; each try counts the second down at its end.
   */
  private void untilInline(BiConsumer<CountDownLatch, CountDownLatch> onTheLoop) {
    CountDownLatch inlined = new CountDownLatch(1);
    for (int i = 0; inlined.getCount() > 0; i++) {
      assertThat(i).as("tries").isLessThan(MANY);
      CountDownLatch over = new CountDownLatch(1);
      onLoop(
          () -> {
            runManyInline();
            onTheLoop.accept(inlined, over);
            return null;
          });
      for (int turn = 0; over.getCount() > 0; turn++) {
        assertThat(turn).as("iterations").isLessThan(MANY);
        onLoop(() -> "the next iteration, or this one");
      }
    }
  }

  @Test
  void workRunsInlineAfterTheIterationNotOnTheLoopAndMayCallTheLoop() {
    List<String> ran = new CopyOnWriteArrayList<>();
    untilInline(
        (inlined, over) -> {
          ran.clear();
          Thread loops = Thread.currentThread();
          boolean[] elsewhere = new boolean[1];
          inline()
              .runInline(
                  () -> {
                    if (Thread.currentThread() == loops && !elsewhere[0]) {
                      ran.add("inline, on the loop: " + loop().inLoop());
                      loop().execute(() -> ran.add("next iteration"));
                      loop().execute(inlined::countDown);
                    }
                    loop().execute(over::countDown);
                  },
                  work -> {
                    elsewhere[0] = true;
                    over.countDown();
                  });
          loop().atIterationEnd(() -> ran.add("end of the iteration"));
          ran.add("task");
        });
    assertThat(ran)
        .containsExactly(
            "task", "end of the iteration", "inline, on the loop: false", "next iteration");
  }

  @ParameterizedTest
  @MethodSource("throwables")
  void workThatThrowsInlineOrLeavesAnInterruptIsNoConcernOfTheNext(Throwable throwable) {
    AtomicBoolean interrupted = new AtomicBoolean();
    untilInline(
        (inlined, over) -> {
          AtomicBoolean left = new AtomicBoolean();
          inline()
              .runInline(
                  () -> {
                    left.set(true);
                    Thread.currentThread().interrupt();
                    Sneaky.raise(throwable);
                  },
                  work -> {});
          inline()
              .runInline(
                  () -> {
                    interrupted.set(Thread.currentThread().isInterrupted());
                    if (left.get()) {
                      inlined.countDown();
                    }
                    over.countDown();
                  },
                  work -> over.countDown());
        });
    assertThat(interrupted).isFalse();
    assertThat(onLoop(() -> "goes on")).isEqualTo("goes on");
  }

  @Test
  void onlyTheLoopMayRunWorkInline() {
    assertThatThrownBy(() -> inline().runInline(() -> {}, Runnable::run))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("only on the loop");
  }

  /** Each takes so long that a few are more than one iteration may spend. */
  @Test
  void whatHasNoTimeLeftAfterAnIterationRunsElsewhere() {
    AtomicInteger inlined = new AtomicInteger();
    AtomicInteger elsewhere = new AtomicInteger();
    int works = 40;
    onLoop(
        () -> {
          runManyInline();
          for (int i = 0; i < works; i++) {
            inline()
                .runInline(
                    () -> {
                      inlined.incrementAndGet();
                      pass(Duration.ofMillis(2));
                    },
                    work -> elsewhere.incrementAndGet());
          }
          return null;
        });
    onLoop(() -> "one more iteration");
    assertThat(inlined.get() + elsewhere.get()).isEqualTo(works);
    assertThat(inlined.get()).isLessThanOrEqualTo(1);
  }
}
