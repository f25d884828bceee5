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
  private static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE);

  private final Backoff backoff = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(50));

  @ParameterizedTest
  @CsvSource({
    "PT0S, PT0S, PT1S",
    "PT0.000000004S, PT0.000000003S, PT1.500000005S",
    "PT1S, PT0.75S, PT2.75S",
    "PT4S, PT3S, PT6.5S",
    "PT20S, PT15S, PT26.5S",
    "PT28S, PT20S, PT36.5S",
    "PT40S, PT20S, PT50S",
    "PT50S, PT20S, PT50S",
    "P1000D, PT20S, PT50S",
    "PT2562047788015215H, PT20S, PT50S"
  })
  void theDelayIsAboutAsLongAsAllBeforeIt(Duration waited, Duration shortest, Duration longest) {
    assertThat(backoff.shortest(waited)).isEqualTo(shortest);
    assertThat(backoff.longest(waited)).isEqualTo(longest);
  }

  /** Scarlet's has no jitter at the cap, and socket.io's is clipped there. */
  @ParameterizedTest
  @ValueSource(longs = {0, 1, 3, 10, 50, 1_000_000, Long.MAX_VALUE})
  void theJitterIsEvenAndTheCapHasItToo(long seconds) {
    Duration waited = Duration.ofSeconds(seconds);
    Duration shortest = backoff.shortest(waited);
    Duration room = backoff.longest(waited).minus(shortest);
    assertThat(room).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
    assertThat(backoff.delay(waited, 0)).isEqualTo(shortest);
    assertThat(backoff.delay(waited, 0.25)).isEqualTo(shortest.plus(room.dividedBy(4)));
    assertThat(backoff.delay(waited, 0.5)).isEqualTo(shortest.plus(room.dividedBy(2)));
    assertThat(backoff.delay(waited, ALMOST_ONE))
        .isLessThan(shortest.plus(room))
        .isGreaterThan(shortest.plus(room).minusMillis(1));
  }

  @Test
  void theBoundsNeverFallAndNoDelayReachesTheUpper() {
    Random random = new Random(7);
    for (int round = 0; round < 500; round++) {
      Duration base = Duration.ofNanos(1 + (random.nextLong() >>> 20));
      Duration cap = base.plusNanos(random.nextLong() >>> 12);
      if (cap.compareTo(Duration.ofDays(365)) > 0) {
        continue;
      }
      Backoff any = new Backoff(base, cap);
      assertThat(any.shortest(Duration.ZERO)).isZero();
      assertThat(any.longest(Duration.ZERO)).isEqualTo(base);
      Duration leastBefore = Duration.ZERO;
      Duration mostBefore = base;
      Duration waited = Duration.ofNanos(1);
      for (int doubled = 0; doubled < 70; doubled++) {
        Duration least = any.shortest(waited);
        Duration most = any.longest(waited);
        assertThat(least).isBetween(leastBefore, most);
        assertThat(most).isBetween(mostBefore, cap);
        assertThat(any.delay(waited, random.nextDouble())).isBetween(least, most);
        leastBefore = least;
        mostBefore = most;
        waited = waited.multipliedBy(2);
      }
      assertThat(mostBefore).isEqualTo(cap);
    }
  }

  @Test
  void nothingOverflowsAtTheLongestCap() {
    Backoff longest = new Backoff(Duration.ofNanos(1), Duration.ofDays(365));
    assertThat(longest.longest(FOREVER)).isEqualTo(Duration.ofDays(365));
    assertThat(longest.shortest(FOREVER)).isEqualTo(Duration.ofDays(146));
    assertThat(longest.delay(FOREVER, ALMOST_ONE)).isLessThan(Duration.ofDays(365));
    Backoff odd = new Backoff(Duration.ofDays(364), Duration.ofDays(365));
    assertThat(odd.longest(Duration.ofDays(365))).isEqualTo(Duration.ofDays(365));
  }

  @Test
  void aBaseThatIsTheCapIsAConstantBound() {
    Backoff constant = new Backoff(Duration.ofSeconds(3), Duration.ofSeconds(3));
    assertThat(constant.longest(Duration.ZERO)).isEqualTo(constant.longest(FOREVER)).hasSeconds(3);
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
    assertThatThrownBy(() -> backoff.delay(Duration.ofNanos(-1), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("waits");
  }
}
