package io.dormouse.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.support.Await;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Virtual time keeps the contract, so that what passes on it passes on the real loop. */
class ManualLoopTest extends InlineRunsContractTest {
  private final ManualLoop loop = new ManualLoop(Long.MAX_VALUE - 1_000_000);

  @Override
  Loop loop() {
    return loop;
  }

  @Override
  InlineRuns inline() {
    return loop;
  }

  @Override
  void pass(Duration time) {
    loop.stall(time);
  }

  @Override
  void stop() {
    loop.stop();
  }

  @Override
  void awaitEnd() {
    loop.run();
    assertThat(loop.hasEnded()).isTrue();
  }

  @Override
  void runUntil(CountDownLatch done) {
    Await.until(
        "the latch to be down",
        () -> {
          loop.run();
          if (done.getCount() > 0 && loop.nanosToNextTimer().isPresent()) {
            loop.advance(Duration.ofNanos(loop.nanosToNextTimer().getAsLong()));
          }
          return done.getCount() == 0;
        });
  }

  @Test
  void aTimerRunsExactlyWhenItIsDue() {
    List<String> ran = new ArrayList<>();
    loop.execute(() -> loop.schedule(10, () -> ran.add("timer")));
    loop.run();
    loop.advance(Duration.ofNanos(9));
    assertThat(ran).isEmpty();
    assertThat(loop.pendingTimers()).isEqualTo(1);
    loop.advance(Duration.ofNanos(1));
    assertThat(ran).containsExactly("timer");
    assertThat(loop.pendingTimers()).isZero();
  }

  @Test
  void timeStandsAtEachTimersTimeWhileItRuns() {
    long start = loop.nanoTime();
    List<Long> times = new ArrayList<>();
    loop.execute(
        () -> {
          loop.schedule(3_000_000, () -> times.add(loop.nanoTime() - start));
          loop.schedule(1_000_000, () -> times.add(loop.nanoTime() - start));
        });
    loop.advance(Duration.ofMillis(5));
    assertThat(times).containsExactly(1_000_000L, 3_000_000L);
    assertThat(loop.nanoTime() - start).isEqualTo(5_000_000L);
    assertThat(loop.nanoTime()).as("the clock has wrapped around").isNegative();
  }

  @Test
  void virtualTimeHasNoSockets() throws Exception {
    try (SocketChannel channel = SocketChannel.open()) {
      loop.execute(
          () ->
              assertThatThrownBy(() -> loop.register(channel, 0, ops -> {}))
                  .isInstanceOf(UnsupportedOperationException.class));
      loop.run();
    }
    assertThat(loop.thrown()).isEmpty();
  }

  @Test
  void aLoopThatNeverIdlesIsNoticed() {
    class Restless implements Runnable {
      @Override
      public void run() {
        loop.execute(this);
      }
    }
    loop.execute(new Restless());
    assertThatThrownBy(loop::run).isInstanceOf(AssertionError.class).hasMessageContaining("idle");
  }
}
