package io.dormouse.reconnect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BackoffTest {
  private static final double ALMOST_ONE = Math.nextDown(1.0);

  private final Backoff backoff = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(60));

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 2", "3, 4", "4, 8", "5, 16", "6, 32", "7, 60", "8, 60", "2147483647, 60"})
  void theCeilingDoublesUpToTheCap(int failures, long seconds) {
    assertThat(backoff.ceiling(failures)).isEqualTo(Duration.ofSeconds(seconds));
  }

  /** Scarlet's has no jitter at the cap, and socket.io's is clipped there. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7, 40, Integer.MAX_VALUE})
  void theJitterIsFullAtEveryCeilingTheCapIncluded(int failures) {
    Duration ceiling = backoff.ceiling(failures);
    assertThat(backoff.delay(failures, 0)).isEqualTo(Duration.ZERO);
    assertThat(backoff.delay(failures, 0.25)).isEqualTo(ceiling.dividedBy(4));
    assertThat(backoff.delay(failures, 0.5)).isEqualTo(ceiling.dividedBy(2));
    assertThat(backoff.delay(failures, ALMOST_ONE))
        .isLessThan(ceiling)
        .isGreaterThan(ceiling.minusMillis(1));
  }

  @Test
  void theCeilingNeverFallsAndNoDelayReachesIt() {
    Random random = new Random(7);
    for (int round = 0; round < 500; round++) {
      Duration base = Duration.ofNanos(1 + (random.nextLong() >>> 20));
      Duration cap = base.plusNanos(random.nextLong() >>> 12);
      if (cap.compareTo(Duration.ofDays(365)) > 0) {
        continue;
      }
      Backoff any = new Backoff(base, cap);
      Duration before = Duration.ZERO;
      for (int failures = 1; failures <= 70; failures++) {
        Duration ceiling = any.ceiling(failures);
        assertThat(ceiling).isBetween(before, cap).isGreaterThanOrEqualTo(base);
        assertThat(any.delay(failures, random.nextDouble())).isBetween(Duration.ZERO, ceiling);
        before = ceiling;
      }
      assertThat(before).isEqualTo(cap);
    }
  }

  @Test
  void nothingOverflowsAtTheLongestCap() {
    Backoff longest = new Backoff(Duration.ofNanos(1), Duration.ofDays(365));
    assertThat(longest.ceiling(Integer.MAX_VALUE)).isEqualTo(Duration.ofDays(365));
    assertThat(longest.delay(Integer.MAX_VALUE, ALMOST_ONE)).isLessThan(Duration.ofDays(365));
    Backoff odd = new Backoff(Duration.ofDays(364), Duration.ofDays(365));
    assertThat(odd.ceiling(2)).isEqualTo(Duration.ofDays(365));
  }

  @Test
  void aBaseThatIsTheCapIsAConstantCeiling() {
    Backoff constant = new Backoff(Duration.ofSeconds(3), Duration.ofSeconds(3));
    assertThat(constant.ceiling(1)).isEqualTo(constant.ceiling(9)).hasSeconds(3);
  }

  @Test
  void argumentsAreChecked() {
    Duration second = Duration.ofSeconds(1);
    assertThatThrownBy(() -> new Backoff(Duration.ZERO, second))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("base");
    assertThatThrownBy(() -> new Backoff(second.negated(), second))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Backoff(second, Duration.ofMillis(999)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("below");
    assertThatThrownBy(() -> new Backoff(second, Duration.ofDays(365).plusNanos(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("365 days");
    assertThatThrownBy(() -> new Backoff(null, second)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> new Backoff(second, null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> backoff.ceiling(0)).isInstanceOf(IllegalArgumentException.class);
  }
}
