package io.dormouse.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.observe.RegistryObserver;
import io.dormouse.support.LoudLog;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What waits for a slow observer of the app's is bounded: one that blocks fills no heap. */
class AppObserverTest {
  private static final int MOST = 50_000;

  private final Rig rig = new Rig();
  private final Slow slow = new Slow();
  private final AppObserver observer =
      new AppObserver(slow, rig.engine.environment().callbacks().completions("an observer"));

  @AfterEach
  void nothingStaysBehind() {
    rig.close();
  }

  /** Is called only when the test runs what waits. */
  private final class Slow implements RegistryObserver {
    int suspends;
    int resumes;

    @Override
    public void onSuspending() {
      suspends++;
      if (suspends == 10_000 || suspends == 26_000) {
        rig.loop.stall(Duration.ofMillis(1)); // ends the turn: what has run does not wait any more
      } else if (suspends == 20_000 || suspends == 27_000) {
        observer.onResuming(); // is missed, as long as more than half of all wait
      }
    }

    @Override
    public void onResuming() {
      resumes++;
    }
  }

  private void suspend(int times) {
    for (int i = 0; i < times; i++) {
      observer.onSuspending();
    }
  }

  @Test
  void itMissesWhatIsTooMuchAndHearsAgainWhenHalfIsDone() {
    try (LoudLog log = new LoudLog("io.dormouse.registry")) {
      suspend(MOST);
      assertThat(log.text()).isEmpty();
      suspend(MOST);
      rig.run();
      assertThat(slow.suspends).isEqualTo(MOST);
      assertThat(slow.resumes).isEqualTo(1);
      assertThat(log.text()).containsOnlyOnce("an observer is too slow");
      suspend(MOST + 1);
      assertThat(log.text().split("too slow", -1)).as("said again").hasSize(3);
    }
  }

  @Test
  void oneThatLeavesHearsNothingOfWhatWaits() {
    suspend(2);
    observer.leave();
    suspend(1);
    rig.run();
    assertThat(slow.suspends).isZero();
  }
}
